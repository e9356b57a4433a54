import { isFree, isOwner, saveLease, removeLease } from './leases';
import { nextOffset, savePosition } from './positions';
import { readRecords } from './reader';
import type { LogEnvironment, Partition } from './environment';
import type { Signals } from './signals';
import type { Write, Writer } from './writer';
import type { BatchHandler, NewRecord, StoredRecord } from '../event-log';

const BATCH_BYTES_MAX = 8 * 1024 * 1024;
/** How often a partition that another process owns is asked for. */
const LEASE_RETRY_MS = 500;
const IDLE_LOOK_MS = 5000;

/** A subscription, as a partition sees it. */
export interface Member {
  readonly handle: BatchHandler;
  readonly recordsMax: number;
}

export interface LaneSettings {
  readonly env: LogEnvironment;
  readonly writer: Writer;
  readonly signals: Signals;
  readonly group: string;
  /** Names this process among those that share the log. */
  readonly owner: string;
  readonly now: () => number;
  readonly redelivery: Redelivery;
  readonly onError: (error: unknown, where: DeliveryFault) => void;
  /** What the records returned add: topics to be made, and sizes. Throws if they may not be appended. */
  readonly weigh: (records: readonly NewRecord[]) => Omit<Write<unknown>, 'run'>;
}

export interface Redelivery {
  readonly delayMsMin: number;
  readonly delayMsMax: number;
}

/** A batch that will be delivered again, and how often it was delivered before. */
export interface DeliveryFault {
  readonly topic: string;
  readonly partition: number;
  readonly group: string;
  readonly offset: number;
  readonly redeliveries: number;
}

/** One group's way through one partition: batch after batch, each committed before the next is read. */
export class Lane {
  private members: readonly Member[] = [];
  private running: Promise<void> | undefined;
  private inFlight: { readonly member: Member; readonly done: Promise<void> } | undefined;
  private redeliveries = 0;
  /** Where the batch begins that was read last. */
  private offset = 0;
  private isOwned = false;
  /** Ends a pause early. */
  private wake: () => void = () => undefined;

  constructor(
    private readonly partition: Partition,
    private readonly settings: LaneSettings,
  ) {}

  get isIdle(): boolean {
    return this.members.length === 0 && this.running === undefined;
  }

  add(member: Member): void {
    this.members = [...this.members, member];
    this.running ??= this.run();
  }

  /** Resolves once nothing of the member is under way; without members the lane ends and gives the partition away. */
  async remove(member: Member): Promise<void> {
    this.members = this.members.filter((other) => other !== member);
    this.wake();
    this.settings.signals.notify([this.partition.topic]);
    if (this.inFlight?.member === member) await this.inFlight.done;
    if (this.members.length === 0) await this.running;
  }

  renew(): Write<void> | undefined {
    if (!this.isOwned) return undefined;
    const { group, owner, now } = this.settings;
    return {
      topics: new Map(),
      records: 1,
      bytes: 0,
      run: (txn) => {
        if (isOwner(txn.env, this.partition, group, owner)) {
          saveLease(txn, this.partition, group, { owner, nowMs: now() });
        }
      },
    };
  }

  private async run(): Promise<void> {
    while (this.members.length > 0) {
      try {
        if (this.isOwned || (await this.acquire())) await this.deliverNext();
      } catch (error) {
        // Handler or commit: either way the batch comes again. Whose partition it is, is asked anew.
        this.isOwned = false;
        await this.redeliverLater(error);
      }
    }
    // No await between the look above and here, or a member that comes now would be without a loop.
    this.running = undefined;
    if (this.isOwned) await this.release();
  }

  private async deliverNext(): Promise<void> {
    const { env, signals, group } = this.settings;
    const { partition } = this;
    const member = this.members[partition.index % this.members.length];
    if (member === undefined) return;
    const seen = signals.version(partition.topic);
    this.offset = nextOffset(env, partition, group);
    const records = readRecords(env, partition, this.offset, {
      recordsMax: member.recordsMax,
      bytesMax: BATCH_BYTES_MAX,
    });
    if (records.length === 0) return signals.wait(partition.topic, seen, IDLE_LOOK_MS);
    const delivery = this.deliver(member, records);
    this.inFlight = { member, done: delivery.catch(() => undefined) };
    try {
      await delivery;
      this.redeliveries = 0;
    } finally {
      this.inFlight = undefined;
    }
  }

  private async deliver(member: Member, records: readonly StoredRecord[]): Promise<void> {
    const { topic, index } = this.partition;
    const batch = { topic, partition: index, records, redeliveries: this.redeliveries };
    const outputs = (await member.handle(batch)) ?? [];
    const isCommitted = await this.settings.writer.submit(this.commit(records.at(-1)!.offset + 1, outputs));
    // Another process has taken the partition over: it delivers this batch itself.
    if (!isCommitted) this.isOwned = false;
  }

  private commit(next: number, outputs: readonly NewRecord[]): Write<boolean> {
    const { group, owner } = this.settings;
    return {
      ...this.settings.weigh(outputs),
      run: (txn) => {
        if (!isOwner(txn.env, this.partition, group, owner)) return false;
        savePosition(txn, this.partition, group, next);
        for (const record of outputs) txn.append(record);
        return true;
      },
    };
  }

  private async acquire(): Promise<boolean> {
    const { env, writer, group, owner, now } = this.settings;
    const { partition } = this;
    if (isFree(env, partition, group, { owner, nowMs: now() })) {
      this.isOwned = await writer.submit({
        topics: new Map(),
        records: 1,
        bytes: 0,
        run: (txn) => {
          const who = { owner, nowMs: now() };
          if (!isFree(txn.env, partition, group, who)) return false;
          saveLease(txn, partition, group, who);
          return true;
        },
      });
    }
    if (!this.isOwned && this.members.length > 0) await this.pause(LEASE_RETRY_MS);
    return this.isOwned;
  }

  private async release(): Promise<void> {
    const { writer, group, owner } = this.settings;
    this.isOwned = false;
    const run: Write<void>['run'] = (txn) => {
      // Whoever has come meanwhile goes on with the lease.
      if (this.members.length === 0) removeLease(txn, this.partition, group, owner);
    };
    // Unwritten, the lease ends by itself.
    await writer.submit({ topics: new Map(), records: 1, bytes: 0, run }).catch(() => undefined);
  }

  private async redeliverLater(error: unknown): Promise<void> {
    const { group, onError, redelivery } = this.settings;
    const { topic, index: partition } = this.partition;
    onError(error, { topic, partition, group, offset: this.offset, redeliveries: this.redeliveries });
    const delayMs = Math.min(redelivery.delayMsMax, redelivery.delayMsMin * 2 ** Math.min(this.redeliveries, 30));
    this.redeliveries++;
    // Between half and all of it, so that partitions do not knock together.
    if (this.members.length > 0) await this.pause(delayMs * (0.5 + Math.random() / 2));
  }

  private async pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
