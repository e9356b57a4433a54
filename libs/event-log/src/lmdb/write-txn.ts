import { partitionOf } from '../partitioner';
import { decodeHead, encodeState, offsetKey, type PartitionState, RecordEncoder } from './codec';
import type { LogEnvironment, Partition, Store } from './environment';
import { logError } from './errors';
import { hashOfId, type IdIndex } from './id-index';
import type { Appended, NewRecord } from '../event-log';

const APPEND = { append: true } as const;
const encoder = new RecordEncoder();

/** What one commit writes. Lives for one call on the main thread, while LMDB's write lock is held. */
export class WriteTxn {
  /** Topics to which something was appended. */
  readonly grown = new Set<string>();
  /** Puts and removals so far: 0 means that LMDB will make no commit of it. */
  writes = 0;
  private readonly states = new Map<Partition, PartitionState>();
  private readonly changed = new Set<Partition>();
  private recordsAppended = 0;

  constructor(
    readonly env: LogEnvironment,
    private readonly ids: IdIndex,
    readonly nowMs: number,
  ) {}

  state(partition: Partition): Readonly<PartitionState> {
    let state = this.states.get(partition);
    if (state === undefined) {
      state = this.env.state(partition);
      this.states.set(partition, state);
    }
    return state;
  }

  saveState(partition: Partition, state: PartitionState): void {
    this.states.set(partition, state);
    this.changed.add(partition);
  }

  put(store: Store, key: Buffer, value: Buffer): void {
    this.writes++;
    store.putSync(key, value);
  }

  remove(store: Store, key: Buffer): void {
    this.writes++;
    store.removeSync(key);
  }

  append(record: NewRecord): Appended {
    const topic = this.env.topic(record.topic);
    if (topic === undefined) throw logError('log-invalid', `Appending to ${record.topic}: no such topic`);
    const idHash = record.id === undefined ? undefined : hashOfId(topic.name, record.id);
    const first = idHash && this.firstOf(record, idHash);
    if (first !== undefined) return first;
    const partition = topic.partitions[partitionOf(record.key, topic.partitions.length)]!;
    const before = this.state(partition);
    // The clock may be set back; a partition's times are not.
    const appendedAtMs = Math.max(this.nowMs, before.lastAppendedAtMs);
    const value = encoder.encode(record, appendedAtMs, before.bytes);
    this.writes++;
    // The driver's types say void here; it answers false when the key is not above all others.
    const isPut: unknown = partition.records.putSync(offsetKey(before.end), value, APPEND);
    if (isPut !== true) {
      throw new Error(`Appending to ${topic.name}/${partition.index}: offset ${before.end} is taken already`);
    }
    this.ids.appended(partition, before.end, idHash);
    this.saveState(partition, {
      ...before,
      end: before.end + 1,
      lastAppendedAtMs: appendedAtMs,
      bytes: before.bytes + value.length,
    });
    this.grown.add(topic.name);
    this.recordsAppended++;
    return {
      outcome: 'appended',
      position: { topic: topic.name, partition: partition.index, offset: before.end },
    };
  }

  /** Removes the oldest record of a partition, its id too. Its state is the caller's to save. */
  drop(partition: Partition, offset: number): void {
    const bytes = this.env.peek(partition, offset);
    const id = bytes && decodeHead(bytes).id;
    if (id !== undefined) this.ids.dropped(partition, offset, hashOfId(partition.topic, id));
    this.remove(partition.records, offsetKey(offset));
  }

  /** The last thing before the commit. */
  finish(): void {
    this.ids.merge(
      this.recordsAppended,
      (partition) => this.state(partition),
      (partition, state) => this.saveState(partition, state),
    );
    for (const partition of this.changed) this.put(this.env.states, partition.key, encodeState(this.state(partition)));
  }

  private firstOf(record: NewRecord, idHash: Uint32Array): Appended | undefined {
    const place = this.ids.find(idHash);
    if (place === undefined) return undefined;
    const head = headOf(this.env, place.partition, place.offset);
    // What retention has dropped is forgotten; what only shares the hash is another record.
    if (head?.id !== record.id || place.partition.topic !== record.topic) return undefined;
    return {
      outcome: head?.fingerprint === record.fingerprint ? 'duplicate' : 'conflict',
      position: { topic: record.topic, partition: place.partition.index, offset: place.offset },
    };
  }
}

function headOf(env: LogEnvironment, partition: Partition, offset: number): ReturnType<typeof decodeHead> | undefined {
  const bytes = env.peek(partition, offset);
  return bytes && decodeHead(bytes);
}
