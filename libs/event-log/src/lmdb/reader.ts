import { decodeAppendedAt, decodeHead, decodeRecord, offsetKey, readUint48, type PartitionState } from './codec';
import type { LogEnvironment, Partition } from './environment';
import type { StoredRecord } from '../event-log';

/** Up to `recordsMax` records and about `bytesMax` bytes, at least one if there is one. The records are copies. */
export function readRecords(
  env: LogEnvironment,
  partition: Partition,
  offset: number,
  limits: { readonly recordsMax: number; readonly bytesMax: number },
): StoredRecord[] {
  const { start, end } = env.state(partition);
  const records: StoredRecord[] = [];
  const from = Math.max(offset, start);
  if (from >= end) return records;
  let bytes = 0;
  for (const { key, value } of partition.records.getRange({ start: offsetKey(from), limit: limits.recordsMax })) {
    const record = decodeRecord(value, partition.topic, partition.index, readUint48(key, 0));
    bytes += record.value.length;
    if (bytes > limits.bytesMax && records.length > 0) break;
    records.push(record);
  }
  return records;
}

/** The first offset appended at or after the instant, or the end: times never fall within a partition. */
export function offsetAt(env: LogEnvironment, partition: Partition, atMs: number): number {
  const { start, end } = env.state(partition);
  return firstOffset(start, end, (offset) => appendedAtMs(env, partition, offset) >= atMs);
}

export function appendedAtMs(env: LogEnvironment, partition: Partition, offset: number): number {
  const bytes = env.peek(partition, offset);
  return bytes === undefined ? 0 : decodeAppendedAt(bytes);
}

/** Stored bytes of the partition before the offset, counted from its first append. */
export function bytesBefore(env: LogEnvironment, partition: Partition, offset: number, state: PartitionState): number {
  if (offset >= state.end) return state.bytes;
  const bytes = env.peek(partition, offset);
  return bytes === undefined ? 0 : decodeHead(bytes).bytesBefore;
}

/** The first offset in [from, to) for which the claim holds, or `to`; once true it must stay true. */
export function firstOffset(from: number, to: number, holds: (offset: number) => boolean): number {
  let low = from;
  let high = to;
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
