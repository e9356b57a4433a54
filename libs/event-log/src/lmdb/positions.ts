import { decodePosition, encodePosition } from './codec';
import type { LogEnvironment, Partition } from './environment';
import { logError } from './errors';
import type { WriteTxn } from './write-txn';

const GROUP_BYTES_MAX = 200;

export function groupKey(partition: Partition, group: string): Buffer {
  return Buffer.concat([partition.key, Buffer.from(group, 'utf8')]);
}

export function checkGroup(group: string): void {
  if (group !== '' && Buffer.byteLength(group) <= GROUP_BYTES_MAX) return;
  throw logError('log-invalid', `A group is named by 1 to ${GROUP_BYTES_MAX} bytes`);
}

/** What the group has committed, as written; undefined when it never has. */
export function storedPosition(env: LogEnvironment, partition: Partition, group: string): number | undefined {
  const bytes = env.positions.getBinaryFast(groupKey(partition, group));
  return bytes && decodePosition(bytes);
}

/** The offset the group is given next: what retention has dropped is passed over. */
export function nextOffset(env: LogEnvironment, partition: Partition, group: string): number {
  return Math.max(storedPosition(env, partition, group) ?? 0, env.state(partition).start);
}

export function savePosition(txn: WriteTxn, partition: Partition, group: string, offset: number): void {
  txn.put(txn.env.positions, groupKey(partition, group), encodePosition(offset));
}
