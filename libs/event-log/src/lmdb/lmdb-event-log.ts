import { appendWrite } from './append';
import { logError } from './errors';
import { hashOfId, IDS_IN_MEMORY_MAX } from './id-index';
import { LogCore } from './log-core';
import { checkGroup, nextOffset, savePosition, storedPosition } from './positions';
import { appendedAtMs, offsetAt, readRecords } from './reader';
import { dropWrite, keptFrom, type Keep } from './retention';
import { decodeHead } from './codec';
import type { Partition, Topic } from './environment';
import type { DeliveryFault, Redelivery } from './lane';
import {
  EventLog,
  type Appended,
  type Lag,
  type NewRecord,
  type Position,
  type Retention,
  type StoredRecord,
  type SubscribeOptions,
  type Subscription,
} from '../event-log';

export interface LmdbEventLogSettings {
  /** Folder of its own; made if need be. */
  readonly dir: string;
  /** Of a topic that does not exist yet; default 4. An existing topic keeps its own. */
  readonly partitions?: number;
  /** The same for single topics. */
  readonly topics?: Readonly<Record<string, number>>;
  /** Bytes in use from which on appends are refused as `log-full`; default 64 GiB. */
  readonly mapSizeBytesMax?: number;
  /** Ids of records held in memory until they are indexed on disk, 60 bytes each, twice; default 131,072. */
  readonly idsInMemoryMax?: number;
  /** For a second process that only reads. */
  readonly readOnly?: boolean;
  readonly now?: () => number;
  /** Delay before a batch is delivered again; doubles from 50 ms to 5 s. */
  readonly redelivery?: Redelivery;
  /** Told of each delivery that will be repeated, e.g. to log it. */
  readonly onError?: (error: unknown, where: DeliveryFault) => void;
}

const PARTITIONS_DEFAULT = 4;
const SIZE_BYTES_MAX_DEFAULT = 64 * 1024 ** 3;
const READ_BYTES_MAX_DEFAULT = 64 * 1024 * 1024;
const REDELIVERY_DEFAULT = { delayMsMin: 50, delayMsMax: 5000 };

/**
 * The log in LMDB, in a folder of this machine: for one process, or several on one machine. Among processes a partition of
 * a group has one owner at a time (leases.ts): the others stand by. Values handed to `append` must not change until it
 * resolves. A process that is halted (not killed) in the midst of a commit holds up the writers of all others.
 */
export class LmdbEventLog extends EventLog {
  private readonly subscriptions = new Set<Subscription>();
  /** Version of each topic when it was last read, so that `changed` misses nothing that came since. */
  private readonly seen = new Map<string, number>();
  private closed: Promise<void> | undefined;

  private constructor(
    private readonly core: LogCore,
    private readonly isReadOnly: boolean,
    private readonly partitionsOf: (topic: string) => number,
    private readonly now: () => number,
  ) {
    super();
  }

  static open(settings: LmdbEventLogSettings): LmdbEventLog {
    const { now = Date.now, readOnly: isReadOnly = false, topics = {} } = settings;
    const partitionsOf = (topic: string): number => topics[topic] ?? settings.partitions ?? PARTITIONS_DEFAULT;
    const core = LogCore.acquire({
      dir: settings.dir,
      isReadOnly,
      sizeBytesMax: settings.mapSizeBytesMax ?? SIZE_BYTES_MAX_DEFAULT,
      idsInMemoryMax: settings.idsInMemoryMax ?? IDS_IN_MEMORY_MAX,
      partitionsOf,
      now,
      redelivery: settings.redelivery ?? REDELIVERY_DEFAULT,
      onError: settings.onError ?? (() => undefined),
    });
    return new LmdbEventLog(core, isReadOnly, partitionsOf, now);
  }

  async append(records: readonly NewRecord[]): Promise<readonly Appended[]> {
    this.checkWritable();
    if (records.length === 0) return [];
    return this.core.writer.submit(appendWrite(records, this.partitionsOf));
  }

  async subscribe(options: SubscribeOptions): Promise<Subscription> {
    this.checkWritable();
    checkGroup(options.group);
    if (!Number.isInteger(options.recordsMax) || options.recordsMax < 1) {
      throw logError('log-invalid', 'Subscribing: recordsMax is a whole number from 1 on');
    }
    const topics = await Promise.all([...new Set(options.topics)].map((name) => this.ensureTopic(name)));
    if (options.from === 'end') await this.beginAtEnd(topics, options.group);
    this.checkWritable();
    const { handle, recordsMax } = options;
    const inner = this.core.consumers.subscribe(topics, options.group, { handle, recordsMax });
    const subscription = {
      stop: async (): Promise<void> => {
        await inner.stop();
        this.subscriptions.delete(subscription);
      },
    };
    this.subscriptions.add(subscription);
    return subscription;
  }

  async read(
    from: Position,
    limits: { readonly recordsMax: number; readonly bytesMax?: number },
  ): Promise<readonly StoredRecord[]> {
    this.checkOpen();
    this.seen.set(from.topic, this.core.signals.version(from.topic));
    const partition = this.partitionAt(from.topic, from.partition);
    if (partition === undefined) return [];
    const { recordsMax, bytesMax = READ_BYTES_MAX_DEFAULT } = limits;
    return readRecords(this.core.env, partition, from.offset, { recordsMax, bytesMax });
  }

  async find(topic: string, id: string): Promise<Position | undefined> {
    this.checkOpen();
    const { env, ids } = this.core;
    const found = env.topic(topic);
    if (found === undefined) return undefined;
    ids.catchUp(found.partitions);
    const place = ids.find(hashOfId(topic, id));
    const bytes = place && env.peek(place.partition, place.offset);
    if (place === undefined || bytes === undefined || decodeHead(bytes).id !== id) return undefined;
    return { topic, partition: place.partition.index, offset: place.offset };
  }

  async partitions(topic: string): Promise<number> {
    this.checkOpen();
    if (this.isReadOnly) return this.core.env.topic(topic)?.partitions.length ?? this.partitionsOf(topic);
    return (await this.ensureTopic(topic)).partitions.length;
  }

  async bounds(
    topic: string,
  ): Promise<readonly { readonly partition: number; readonly start: number; readonly end: number }[]> {
    this.checkOpen();
    const { env } = this.core;
    const found = env.topic(topic);
    if (found === undefined) {
      return Array.from({ length: this.partitionsOf(topic) }, (_, partition) => ({ partition, start: 0, end: 0 }));
    }
    return found.partitions.map((partition) => {
      const { start, end } = env.state(partition);
      return { partition: partition.index, start, end };
    });
  }

  async offsetAt(topic: string, partition: number, atMs: number): Promise<number> {
    this.checkOpen();
    const found = this.partitionAt(topic, partition);
    return found === undefined ? 0 : offsetAt(this.core.env, found, atMs);
  }

  async committed(topic: string, group: string): Promise<readonly number[]> {
    this.checkOpen();
    const { env } = this.core;
    const partitions = env.topic(topic)?.partitions;
    if (partitions === undefined) return Array.from({ length: this.partitionsOf(topic) }, () => 0);
    return partitions.map((partition) => nextOffset(env, partition, group));
  }

  async seek(topic: string, group: string, offsets: readonly number[]): Promise<void> {
    this.checkWritable();
    checkGroup(group);
    const found = await this.ensureTopic(topic);
    await this.core.writer.submit({
      topics: new Map(),
      records: offsets.length,
      bytes: 0,
      run: (txn) => {
        this.core.consumers.checkIdle(found, group);
        const isWithin = (offset: number, i: number): boolean =>
          Number.isInteger(offset) && offset >= 0 && offset <= txn.state(found.partitions[i]!).end;
        if (offsets.length !== found.partitions.length || !offsets.every(isWithin)) {
          throw logError(
            'log-invalid',
            `Setting the position of ${group}: one offset a partition, none beyond its end`,
          );
        }
        found.partitions.forEach((partition, i) => savePosition(txn, partition, group, offsets[i]!));
      },
    });
  }

  async lag(topic: string, group: string): Promise<readonly Lag[]> {
    this.checkOpen();
    const { env } = this.core;
    const nowMs = this.now();
    return (env.topic(topic)?.partitions ?? []).map((partition) => {
      const { end } = env.state(partition);
      const position = nextOffset(env, partition, group);
      const oldestMs = position < end ? Math.max(0, nowMs - appendedAtMs(env, partition, position)) : 0;
      return { topic, partition: partition.index, position, end, records: Math.max(0, end - position), oldestMs };
    });
  }

  async trim(topic: string, retention: Retention, keep: Keep = {}): Promise<{ readonly dropped: number }> {
    this.checkWritable();
    const found = this.core.env.topic(topic);
    if (found === undefined) return { dropped: 0 };
    const kept = keptFrom(this.core.env, found, retention, this.now());
    let dropped = 0;
    for (const partition of found.partitions) {
      for (;;) {
        const count = await this.core.writer.submit(dropWrite(partition, kept[partition.index]!, keep));
        if (count === 0) break;
        dropped += count;
      }
    }
    return { dropped };
  }

  /** At once if the topic has changed since this log last read it, or last said so. */
  async changed(topic: string, timeoutMs: number): Promise<void> {
    this.checkOpen();
    const { signals } = this.core;
    await signals.wait(topic, this.seen.get(topic) ?? signals.version(topic), timeoutMs);
    this.seen.set(topic, signals.version(topic));
  }

  async identity(): Promise<string> {
    this.checkOpen();
    return this.core.env.identity;
  }

  async check(): Promise<void> {
    this.checkOpen();
    await this.core.writer.check();
  }

  close(): Promise<void> {
    this.closed ??= this.closeAll([...this.subscriptions]);
    return this.closed;
  }

  private async closeAll(subscriptions: readonly Subscription[]): Promise<void> {
    await Promise.all(subscriptions.map((subscription) => subscription.stop()));
    await this.core.release();
  }

  private async ensureTopic(name: string): Promise<Topic> {
    const { env, writer } = this.core;
    const known = env.topic(name);
    if (known !== undefined) return known;
    const topics = new Map([[name, this.partitionsOf(name)]]);
    await writer.submit({ topics, records: 0, bytes: 0, run: () => undefined });
    return env.topic(name)!;
  }

  /** Written down at once: what is appended from now on is the group's, even if this process dies before its first batch. */
  private async beginAtEnd(topics: readonly Topic[], group: string): Promise<void> {
    await this.core.writer.submit({
      topics: new Map(),
      records: topics.length,
      bytes: 0,
      run: (txn) => {
        for (const partition of topics.flatMap((topic) => topic.partitions)) {
          if (storedPosition(txn.env, partition, group) !== undefined) continue;
          savePosition(txn, partition, group, txn.state(partition).end);
        }
      },
    });
  }

  private partitionAt(topic: string, index: number): Partition | undefined {
    const found = this.core.env.topic(topic);
    if (found === undefined || found.partitions[index] !== undefined) return found?.partitions[index];
    throw logError('log-invalid', `Topic ${topic} has ${found.partitions.length} partitions, no number ${index}`);
  }

  private checkOpen(): void {
    if (this.closed !== undefined) throw logError('log-closed', 'The log is closed');
  }

  private checkWritable(): void {
    this.checkOpen();
    if (this.isReadOnly) throw logError('log-read-only', 'The log was opened read-only');
  }
}
