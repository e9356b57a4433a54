import { readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { checkFormat, FORMAT_VERSION, readUint48, writeUint48 } from './codec';
import type { LogEnvironment, Partition } from './environment';
import { groupKey } from './positions';
import type { WriteTxn } from './write-txn';

/**
 * One owner per partition and group among the processes that share a log: a record with an expiry, read again in the very
 * commit of each batch, so that an owner that has slept too long commits nothing. A dead process of this machine is
 * recognised at once.
 */
export const LEASE_MS = 10_000;

/** format 1 | expiresAtMs 6 | process id 4 | owner 36 | machine and process namespace */
const OWNER_AT = 11;
const PLACE_AT = 47;

const place = `${hostname()} ${processNamespace()}`;

export function isOwner(env: LogEnvironment, partition: Partition, group: string, owner: string): boolean {
  const bytes = env.leases.getBinaryFast(groupKey(partition, group));
  return bytes !== undefined && bytes.toString('latin1', OWNER_AT, PLACE_AT) === owner;
}

/** Whether nobody else has a valid lease. */
export function isFree(env: LogEnvironment, partition: Partition, group: string, who: Owner): boolean {
  const bytes = env.leases.getBinaryFast(groupKey(partition, group));
  if (bytes === undefined) return true;
  checkFormat(bytes, 'lease');
  if (bytes.toString('latin1', OWNER_AT, PLACE_AT) === who.owner) return true;
  return readUint48(bytes, 1) <= who.nowMs || isDead(bytes.readUInt32BE(7), bytes.toString('utf8', PLACE_AT));
}

export interface Owner {
  /** A UUID. */
  readonly owner: string;
  readonly nowMs: number;
}

export function saveLease(txn: WriteTxn, partition: Partition, group: string, who: Owner): void {
  const value = Buffer.alloc(PLACE_AT + Buffer.byteLength(place));
  value[0] = FORMAT_VERSION;
  writeUint48(value, 1, who.nowMs + LEASE_MS);
  value.writeUInt32BE(process.pid, 7);
  value.write(who.owner, OWNER_AT, 'latin1');
  value.write(place, PLACE_AT, 'utf8');
  txn.put(txn.env.leases, groupKey(partition, group), value);
}

export function removeLease(txn: WriteTxn, partition: Partition, group: string, owner: string): void {
  if (isOwner(txn.env, partition, group, owner)) txn.remove(txn.env.leases, groupKey(partition, group));
}

/** Certain only for a process of the same machine and namespace, and only until its number is given away again. */
function isDead(pid: number, wherePid: string): boolean {
  if (wherePid !== place) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return typeof error === 'object' && error !== null && 'code' in error && error.code === 'ESRCH';
  }
}

function processNamespace(): string {
  try {
    return readlinkSync('/proc/self/ns/pid');
  } catch {
    return process.platform;
  }
}
