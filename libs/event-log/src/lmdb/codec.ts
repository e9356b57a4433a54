import { logError } from './errors';
import type { NewRecord, StoredRecord } from '../event-log';

/** First byte of every stored value: a reader refuses what it does not know. */
export const FORMAT_VERSION = 1;

/** format 1 | flags 1 | appendedAtMs 6 | bytesBefore 6 | key length 2 | id length 2 | fingerprint length 2 | key | id | fingerprint | value */
const HEADER_BYTES = 20;
const HAS_ID = 1;
const HAS_FINGERPRINT = 2;
const SCRATCH_BYTES = 64 * 1024;

/** What can be said of a stored record without its value. */
export interface RecordHead {
  readonly appendedAtMs: number;
  /** Stored bytes of the partition before this record, counted from its first append. */
  readonly bytesBefore: number;
  readonly id?: string;
  readonly fingerprint?: string;
}

/** One buffer for all records: LMDB copies a value while it is put, so the next record may overwrite it. */
export class RecordEncoder {
  private scratch = Buffer.allocUnsafeSlow(SCRATCH_BYTES);

  /** Valid until the next call. */
  encode(record: NewRecord, appendedAtMs: number, bytesBefore: number): Buffer {
    const { key, id = '', fingerprint = '', value } = record;
    const bytesMax = HEADER_BYTES + 3 * (key.length + id.length + fingerprint.length) + value.length;
    if (bytesMax > this.scratch.length) this.scratch = Buffer.allocUnsafeSlow(2 * bytesMax);
    const out = this.scratch;
    out[0] = FORMAT_VERSION;
    out[1] = (record.id === undefined ? 0 : HAS_ID) | (record.fingerprint === undefined ? 0 : HAS_FINGERPRINT);
    writeUint48(out, 2, appendedAtMs);
    writeUint48(out, 8, bytesBefore);
    let at = HEADER_BYTES;
    at += writeText(out, key, at, 14);
    at += writeText(out, id, at, 16);
    at += writeText(out, fingerprint, at, 18);
    out.set(value, at);
    return out.subarray(0, at + value.length);
  }
}

function writeText(out: Buffer, text: string, at: number, lengthAt: number): number {
  const bytes = text === '' ? 0 : out.write(text, at, 'utf8');
  out[lengthAt] = bytes >>> 8;
  out[lengthAt + 1] = bytes;
  return bytes;
}

export function decodeRecord(bytes: Buffer, topic: string, partition: number, offset: number): StoredRecord {
  checkFormat(bytes, 'record');
  const keyEnd = HEADER_BYTES + readUint16(bytes, 14);
  const idEnd = keyEnd + readUint16(bytes, 16);
  const valueStart = idEnd + readUint16(bytes, 18);
  const record = {
    topic,
    partition,
    offset,
    key: bytes.toString('utf8', HEADER_BYTES, keyEnd),
    value: bytes.subarray(valueStart),
    appendedAtMs: readUint48(bytes, 2),
  };
  return bytes[1]! & HAS_ID ? { ...record, id: bytes.toString('utf8', keyEnd, idEnd) } : record;
}

/** `bytes` may be LMDB's reusable buffer: everything is copied out. */
export function decodeHead(bytes: Buffer): RecordHead {
  checkFormat(bytes, 'record');
  const keyEnd = HEADER_BYTES + readUint16(bytes, 14);
  const idEnd = keyEnd + readUint16(bytes, 16);
  const fingerprintEnd = idEnd + readUint16(bytes, 18);
  return {
    appendedAtMs: readUint48(bytes, 2),
    bytesBefore: readUint48(bytes, 8),
    ...(bytes[1]! & HAS_ID ? { id: bytes.toString('utf8', keyEnd, idEnd) } : {}),
    ...(bytes[1]! & HAS_FINGERPRINT ? { fingerprint: bytes.toString('utf8', idEnd, fingerprintEnd) } : {}),
  };
}

export function decodeAppendedAt(bytes: Buffer): number {
  checkFormat(bytes, 'record');
  return readUint48(bytes, 2);
}

/** Where a partition stands. */
export interface PartitionState {
  /** First offset still held. */
  start: number;
  /** Next offset to be appended. */
  end: number;
  lastAppendedAtMs: number;
  /** Stored bytes ever appended. */
  bytes: number;
  /** The ids of all records below are in the id tree; those above are found by reading the records. */
  indexedTo: number;
}

export const EMPTY_STATE: Readonly<PartitionState> = { start: 0, end: 0, lastAppendedAtMs: 0, bytes: 0, indexedTo: 0 };

export function encodeState(state: PartitionState): Buffer {
  const out = Buffer.allocUnsafe(31);
  out[0] = FORMAT_VERSION;
  writeUint48(out, 1, state.start);
  writeUint48(out, 7, state.end);
  writeUint48(out, 13, state.lastAppendedAtMs);
  writeUint48(out, 19, state.bytes);
  writeUint48(out, 25, state.indexedTo);
  return out;
}

export function decodeState(bytes: Buffer): PartitionState {
  checkFormat(bytes, 'partition state');
  return {
    start: readUint48(bytes, 1),
    end: readUint48(bytes, 7),
    lastAppendedAtMs: readUint48(bytes, 13),
    bytes: readUint48(bytes, 19),
    indexedTo: readUint48(bytes, 25),
  };
}

export function encodePosition(offset: number): Buffer {
  const out = Buffer.allocUnsafe(7);
  out[0] = FORMAT_VERSION;
  writeUint48(out, 1, offset);
  return out;
}

export function decodePosition(bytes: Buffer): number {
  checkFormat(bytes, 'position');
  return readUint48(bytes, 1);
}

/** Big-endian, so that LMDB's byte order is the order of the numbers. */
export function offsetKey(offset: number): Buffer {
  const out = Buffer.allocUnsafe(6);
  writeUint48(out, 0, offset);
  return out;
}

export function checkFormat(bytes: Buffer, what: string): void {
  if (bytes[0] === FORMAT_VERSION) return;
  throw logError('log-format-unknown', `Reading a ${what} of format ${bytes[0]}; this version reads ${FORMAT_VERSION}`);
}

export function writeUint48(out: Buffer, at: number, value: number): void {
  const high = Math.floor(value / 0x1_0000_0000);
  out[at] = high >>> 8;
  out[at + 1] = high;
  out[at + 2] = value >>> 24;
  out[at + 3] = value >>> 16;
  out[at + 4] = value >>> 8;
  out[at + 5] = value;
}

export function readUint48(bytes: Buffer, at: number): number {
  const high = (bytes[at]! << 8) | bytes[at + 1]!;
  const low = ((bytes[at + 2]! << 24) | (bytes[at + 3]! << 16) | (bytes[at + 4]! << 8) | bytes[at + 5]!) >>> 0;
  return high * 0x1_0000_0000 + low;
}

function readUint16(bytes: Buffer, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}
