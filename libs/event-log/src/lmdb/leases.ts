import { randomUUID } from 'node:crypto';
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

/** The owners of this process: a lease of its number that is none of theirs was left by a dead one, as in a container. */
const ours = new Set<string>();

export function newOwner(): string {
  const owner = randomUUID();
  ours.add(owner);
  return owner;
}

export function isOwner(env: LogEnvironment, partition: Partition, group: string, owner: string): boolean {
  const bytes = env.leases.getBinaryFast(groupKey(partition, group));
  return bytes !== undefined && bytes.toString('latin1', OWNER_AT, PLACE_AT) === owner;
}

/** Whether nobody else has a valid lease. */
export function isFree(env: LogEnvironment, partition: Partition, group: string, who: Owner): boolean {
  const bytes = env.leases.getBinaryFast(groupKey(partition, group));
  if (bytes === undefined) return true;
  checkFormat(bytes, 'lease');
  const owner = bytes.toString('latin1', OWNER_AT, PLACE_AT);
  if (owner === who.owner) return true;
  // The driver's buffer is larger than the value and only its `length` says how much counts: the end must be named.
  const where = bytes.toString('utf8', PLACE_AT, bytes.length);
  return readUint48(bytes, 1) <= who.nowMs || isDead({ owner, pid: bytes.readUInt32BE(7), where });
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
function isDead({
  owner,
  pid,
  where,
}: {
  readonly owner: string;
  readonly pid: number;
  readonly where: string;
}): boolean {
  if (where !== place) return false;
  if (pid === process.pid) return !ours.has(owner);
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
