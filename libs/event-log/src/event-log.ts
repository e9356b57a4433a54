/** A record to append. */
export interface NewRecord {
  readonly topic: string;
  /** Records of one key stay in one partition, in order. */
  readonly key: string;
  readonly value: Uint8Array;
  /**
   * Identity within the topic. A record whose id the topic already holds is not appended again:
   * the answer says `duplicate`, or `conflict` when `fingerprint` differs from the first one's.
   */
  readonly id?: string;
  /** What must be equal for two records of one id to be the same, e.g. a hash of the body. */
  readonly fingerprint?: string;
}

export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
}

export interface StoredRecord extends Position {
  readonly key: string;
  readonly value: Uint8Array;
  readonly id?: string;
  /** When it was appended, ms since the epoch; never falls within a partition. */
  readonly appendedAtMs: number;
}

export type AppendOutcome = 'appended' | 'duplicate' | 'conflict';

/** For a duplicate or a conflict, the position of the record that was first. */
export interface Appended {
  readonly outcome: AppendOutcome;
  readonly position: Position;
}

/** Records of one partition, in order, without gaps but for what retention has dropped. */
export interface RecordBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly StoredRecord[];
  /** How often this very batch was delivered before: 0 the first time. */
  readonly redeliveries: number;
}

/** Returning commits the batch together with the records returned; throwing has it delivered again. */
export type BatchHandler = (batch: RecordBatch) => Promise<readonly NewRecord[] | void>;

export interface SubscribeOptions {
  readonly topics: readonly string[];
  readonly group: string;
  readonly handle: BatchHandler;
  /** Largest batch handed over. */
  readonly recordsMax: number;
  /** Where a group without a committed position begins; default `start`. */
  readonly from?: 'start' | 'end';
}

export interface Subscription {
  /** Resolves once the batches in flight are done and committed; nothing is delivered afterwards. */
  stop(): Promise<void>;
}

/** How far a group is behind, per partition. */
export interface Lag {
  readonly topic: string;
  readonly partition: number;
  /** The next offset the group will be given. */
  readonly position: number;
  /** The next offset to be appended. */
  readonly end: number;
  readonly records: number;
  /** Age of the oldest record not yet committed, ms; 0 when there is none. */
  readonly oldestMs: number;
}

export interface Retention {
  readonly ageMsMax?: number;
  readonly bytesMax?: number;
}

/**
 * The durable log between the services. Every adapter keeps these promises, and
 * test/contracts/event-log.contract.ts holds it to them:
 *  1. `append` resolves once its records survive `kill -9` and, on LMDB, a power cut;
 *  2. records of one key are in one partition (murmur2 of the key, as Kafka's clients do), in the order of their appends;
 *  3. offsets of a partition rise by one from 0 and never change;
 *  4. a batch comes again until its handler returns; records returned and the position become durable together
 *     (Kafka: records first, so content ids make the rest harmless);
 *  5. each group sees every record; two subscriptions of one group share the partitions, never a record at a time;
 *  6. a record with an id the topic still holds is not appended again, whoever tries, at once or later;
 *  7. reading starts at any offset or instant; an offset retention has dropped reads from the first that is left;
 *  8. retention drops whole prefixes, oldest first, never beyond a committed position of `holdFor` groups;
 *  9. an append that fails appends nothing;
 * 10. `stop` lets what is in flight finish and commits it.
 */
export abstract class EventLog {
  abstract append(records: readonly NewRecord[]): Promise<readonly Appended[]>;

  abstract subscribe(options: SubscribeOptions): Promise<Subscription>;

  /** Up to `recordsMax` records and about `bytesMax` bytes from `offset` on; at least one if there is one. Does not wait. */
  abstract read(
    from: Position,
    limits: { readonly recordsMax: number; readonly bytesMax?: number },
  ): Promise<readonly StoredRecord[]>;

  /** The position of the record with this id, if the topic still holds it. */
  abstract find(topic: string, id: string): Promise<Position | undefined>;

  abstract partitions(topic: string): Promise<number>;

  /** First offset still held and next offset to be appended, per partition. */
  abstract bounds(
    topic: string,
  ): Promise<readonly { readonly partition: number; readonly start: number; readonly end: number }[]>;

  /** The first offset appended at or after the instant, or the end of the partition. */
  abstract offsetAt(topic: string, partition: number, atMs: number): Promise<number>;

  /** The group's next offset per partition of the topic. */
  abstract committed(topic: string, group: string): Promise<readonly number[]>;

  /** Sets the group's position, e.g. to replay. The group must not be subscribed. */
  abstract seek(topic: string, group: string, offsets: readonly number[]): Promise<void>;

  abstract lag(topic: string, group: string): Promise<readonly Lag[]>;

  /** Drops old records of the topic; `holdFor` names groups whose uncommitted records are kept, `keepFrom` offsets per partition. */
  abstract trim(
    topic: string,
    retention: Retention,
    keep?: { readonly holdFor?: readonly string[]; readonly keepFrom?: readonly number[] },
  ): Promise<{ readonly dropped: number }>;

  /** Resolves when something may have been appended to the topic, or after `timeoutMs`. For tailing readers. */
  abstract changed(topic: string, timeoutMs: number): Promise<void>;

  /** Identity of this log: another value means another log, whose offsets start anew. */
  abstract identity(): Promise<string>;

  /** Throws with the cause when the log cannot append at present. */
  abstract check(): Promise<void>;

  abstract close(): Promise<void>;
}
