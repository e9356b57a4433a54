import type { DomainError } from '@watchkeeper/domain';
import type { LogEnvironment } from './environment';
import { logError } from './errors';
import type { IdIndex } from './id-index';
import type { Signals } from './signals';
import { WriteTxn } from './write-txn';

/** One commit's share: what is above waits for the next, so that the main thread is held for some 10 ms at most. */
const COMMIT_RECORDS_MAX = 2048;
const COMMIT_BYTES_MAX = 8 * 1024 * 1024;
/** Bytes that may wait for their commit. */
const WAITING_BYTES_MAX = 64 * 1024 * 1024;
/** A commit that takes longer is shown by `check`; it may still succeed. */
const STALLED_MS = 10_000;
const PROBE_INTERVAL_MS = 1000;
const PROBE_ANSWER_MS = 5000;
/** Large enough that a full disk refuses it. */
const PROBE_VALUE = Buffer.alloc(64 * 1024);
const PROBE_KEY = Buffer.from('probe');
/** The size of the log is measured again after this many bytes, or this long while it is full. */
const MEASURE_BYTES = 8 * 1024 * 1024;
const MEASURE_FULL_MS = 250;

export interface Write<T> {
  /** Topics that must exist, made with the partitions given unless they do. */
  readonly topics: ReadonlyMap<string, number>;
  readonly records: number;
  /** Bytes it adds; 0 is allowed in a full log. */
  readonly bytes: number;
  /** A refusal must be thrown before the first put. */
  run(txn: WriteTxn): T;
}

interface Waiting {
  readonly write: Write<unknown>;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

interface Done {
  readonly waiting: Waiting;
  readonly value?: unknown;
  readonly refusal?: unknown;
}

/** All writes of this process, in the order of their calls; those that come while a commit is under way share the next. */
export class Writer {
  private waiting: Waiting[] = [];
  private waitingBytes = 0;
  private isRunning = false;
  private isClosed = false;
  private idle: Promise<void> = Promise.resolve();
  private commitStartedAtMs: number | undefined;
  private fault: unknown;
  private probing: Promise<void> | undefined;
  private probeStartedAtMs = 0;
  private probeTimer: NodeJS.Timeout | undefined;
  /** LMDB's number of our last commit: another number next time means that someone else has written. */
  private lastTxnId = -1;
  private isFull = false;
  private bytesSinceMeasured = 0;
  private measuredAtMs = 0;

  constructor(
    private readonly env: LogEnvironment,
    private readonly ids: IdIndex,
    private readonly signals: Signals,
    private readonly settings: { readonly sizeBytesMax: number; readonly now: () => number },
  ) {
    if (!env.isReadOnly) this.measure();
  }

  /** Resolves once what `run` wrote is durable. */
  submit<T>(write: Write<T>): Promise<T> {
    const refusal = this.refusal(write);
    if (refusal !== undefined) return Promise.reject(refusal);
    this.waitingBytes += write.bytes;
    return new Promise<T>((resolve, reject) => {
      this.waiting.push({ write, resolve: (value) => resolve(value as T), reject });
      if (this.isRunning) return;
      this.isRunning = true;
      this.idle = Promise.resolve().then(() => this.run());
    });
  }

  async check(): Promise<void> {
    if (this.fault !== undefined) await this.probe();
    const refusal = this.refusal(undefined);
    if (refusal !== undefined) throw refusal;
    const sinceMs = Date.now() - (this.commitStartedAtMs ?? Infinity);
    if (sinceMs > STALLED_MS) throw logError('log-unavailable', `A commit has been under way for ${sinceMs} ms`);
  }

  /** Commits what waits, then takes no more. */
  async close(): Promise<void> {
    this.isClosed = true;
    clearInterval(this.probeTimer);
    await this.idle;
  }

  /** Undefined for a check: then fullness counts. */
  private refusal(write: Write<unknown> | undefined): DomainError | undefined {
    if (this.isClosed) return logError('log-closed', 'The log is closed');
    if (this.env.isReadOnly) return write && logError('log-read-only', 'The log was opened read-only');
    if (this.fault !== undefined) return logError('log-unavailable', 'The last write to the log failed', this.fault);
    if (write?.bytes !== 0 && this.isFullNow()) {
      return logError('log-full', `The log has reached its bound of ${this.settings.sizeBytesMax} bytes`);
    }
    if (write === undefined || this.waitingBytes === 0) return undefined;
    if (this.waitingBytes + write.bytes <= WAITING_BYTES_MAX) return undefined;
    return logError('log-overloaded', `${this.waitingBytes} bytes wait for their commit already`);
  }

  private async run(): Promise<void> {
    try {
      while (this.waiting.length > 0) await this.commitNext();
    } finally {
      this.isRunning = false;
    }
  }

  private async commitNext(): Promise<void> {
    this.prepareTopics();
    if (this.waiting.length === 0) return;
    let group: Done[] = [];
    let txn: WriteTxn | undefined;
    this.commitStartedAtMs = Date.now();
    try {
      await this.env.write(() => {
        // What has come while the lock was awaited takes part.
        const taken = this.take();
        group = taken.map((waiting) => ({ waiting }));
        txn = new WriteTxn(this.env, this.ids, this.settings.now());
        group = this.perform(taken, txn);
      });
    } catch (error) {
      this.failed(group, error);
      return;
    } finally {
      this.commitStartedAtMs = undefined;
    }
    this.env.refresh();
    for (const { waiting, value, refusal } of group) {
      if (refusal === undefined) waiting.resolve(value);
      else waiting.reject(refusal);
    }
    this.signals.notify(txn?.grown ?? []);
  }

  private perform(taken: readonly Waiting[], txn: WriteTxn): Done[] {
    const txnId = this.env.writeTxnId();
    if (txnId !== this.lastTxnId + 1) this.ids.catchUp(this.env.allTopics().flatMap((topic) => topic.partitions));
    const done = taken.map((waiting) => {
      const writesBefore = txn.writes;
      try {
        return { waiting, value: waiting.write.run(txn) };
      } catch (error) {
        // A refusal is of this write alone; once it has put something, nothing of the commit may stay.
        if (txn.writes !== writesBefore) throw error;
        return { waiting, refusal: error };
      }
    });
    txn.finish();
    this.lastTxnId = txn.writes > 0 ? txnId : txnId - 1;
    return done;
  }

  private take(): Waiting[] {
    let records = 0;
    let bytes = 0;
    let count = 0;
    for (const { write } of this.waiting) {
      records += write.records;
      bytes += write.bytes;
      const isOver = records > COMMIT_RECORDS_MAX || bytes > COMMIT_BYTES_MAX;
      if (count > 0 && (isOver || this.lacksTopics(write))) break;
      count++;
    }
    const taken = this.waiting.splice(0, count);
    for (const { write } of taken) {
      this.waitingBytes -= write.bytes;
      this.bytesSinceMeasured += write.bytes;
    }
    return taken;
  }

  private lacksTopics(write: Write<unknown>): boolean {
    for (const topic of write.topics.keys()) if (this.env.topic(topic) === undefined) return true;
    return false;
  }

  /** Trees cannot be made inside a commit: those of the first write are made now, a later one's start the next commit. */
  private prepareTopics(): void {
    const first = this.waiting[0]!;
    try {
      for (const [topic, partitions] of first.write.topics) this.env.createTopic(topic, partitions);
    } catch (error) {
      this.waiting.shift();
      this.waitingBytes -= first.write.bytes;
      first.reject(error);
      return this.waiting.length > 0 ? this.prepareTopics() : undefined;
    }
  }

  private failed(group: readonly Done[], error: unknown): void {
    this.fault = error;
    this.lastTxnId = -1;
    this.ids.reset();
    const rest = this.waiting.splice(0);
    this.waitingBytes = 0;
    const refusal = logError('log-unavailable', 'Writing to the log failed', error);
    for (const { waiting } of group) waiting.reject(refusal);
    for (const waiting of rest) waiting.reject(refusal);
    this.probeTimer ??= setInterval(() => void this.probe(), PROBE_INTERVAL_MS).unref();
  }

  /**
   * Writes something small; the log is well again when that is durable. One at a time, as it may hang: once LMDB could not
   * write its own root page, it writes no more in this process, and only a restart helps.
   */
  private async probe(): Promise<void> {
    const write = async (): Promise<void> => {
      try {
        await this.env.write(() => {
          this.env.leases.putSync(PROBE_KEY, PROBE_VALUE);
        });
        this.fault = undefined;
        clearInterval(this.probeTimer);
        this.probeTimer = undefined;
      } catch (error) {
        this.fault = error;
      } finally {
        this.probing = undefined;
      }
    };
    if (this.probing === undefined) {
      this.probeStartedAtMs = Date.now();
      this.probing = write();
    }
    const patienceMs = Math.max(0, this.probeStartedAtMs + PROBE_ANSWER_MS - Date.now());
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<void>((resolve) => (timer = setTimeout(resolve, patienceMs)));
    await Promise.race([this.probing, late]);
    clearTimeout(timer);
  }

  private isFullNow(): boolean {
    const isDue = this.isFull
      ? Date.now() - this.measuredAtMs >= MEASURE_FULL_MS
      : this.bytesSinceMeasured >= MEASURE_BYTES;
    if (isDue) this.measure();
    return this.isFull;
  }

  private measure(): void {
    this.isFull = this.env.usedBytes() >= this.settings.sizeBytesMax;
    this.bytesSinceMeasured = 0;
    this.measuredAtMs = Date.now();
  }
}
