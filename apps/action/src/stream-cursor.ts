import { sha256 } from '@watchkeeper/domain';

/** Where a reader stands in safety.alerts: the next offset of each partition, and of which log. */
export interface StreamCursor {
  /** The first characters of a hash of the log's identity. */
  readonly log: string;
  readonly offsets: readonly number[];
}

const PARTITIONS_MAX = 4_096;
const LOG_LENGTH = 8;
const CURSOR = /^1\.([0-9a-f]{8})((?:\.\d{1,15})+)$/;

export function logMark(identity: string): string {
  return sha256(identity).slice(0, LOG_LENGTH);
}

/** Opaque to clients: what is in it may change. */
export function writeCursor({ log, offsets }: StreamCursor): string {
  return Buffer.from(`1.${log}.${offsets.join('.')}`).toString('base64url');
}

/** undefined for what is no cursor of ours. */
export function readCursor(text: string): StreamCursor | undefined {
  if (text.length > PARTITIONS_MAX * 16) return undefined;
  const [, log, offsets] = CURSOR.exec(Buffer.from(text, 'base64url').toString('latin1')) ?? [];
  if (log === undefined || offsets === undefined) return undefined;
  return { log, offsets: offsets.slice(1).split('.').map(Number) };
}
