import { logError } from './errors';
import type { Write } from './writer';
import type { Appended, NewRecord } from '../event-log';

/** Of one call. */
const RECORDS_MAX = 100_000;
const LIST_BYTES_MAX = 64 * 1024 * 1024;
/** Of key, id and fingerprint, in UTF-16 units: three times as many bytes fit their 16-bit lengths. */
const TEXT_LENGTH_MAX = 2048;
/** What a record costs beside its value. */
const OVERHEAD_BYTES = 100;

export function appendWrite(
  records: readonly NewRecord[],
  partitionsOf: (topic: string) => number,
): Write<readonly Appended[]> {
  return { ...weigh(records, partitionsOf), run: (txn) => records.map((record) => txn.append(record)) };
}

/** Throws for what can never be appended, before anything is. */
export function weigh(
  records: readonly NewRecord[],
  partitionsOf: (topic: string) => number,
): Omit<Write<unknown>, 'run'> {
  const topics = new Map<string, number>();
  let bytes = 0;
  for (const record of records) {
    checkText(record.key, 'key');
    if (record.id !== undefined) checkText(record.id, 'id');
    if (record.fingerprint !== undefined) checkText(record.fingerprint, 'fingerprint');
    if (!topics.has(record.topic)) topics.set(record.topic, partitionsOf(record.topic));
    bytes += record.value.length + OVERHEAD_BYTES;
  }
  if (records.length > RECORDS_MAX) throw logError('log-invalid', `Appending more than ${RECORDS_MAX} records at once`);
  if (bytes > LIST_BYTES_MAX) throw logError('log-invalid', `Appending more than ${LIST_BYTES_MAX} bytes at once`);
  return { topics, records: records.length, bytes };
}

function checkText(text: string, what: string): void {
  if (text.length > TEXT_LENGTH_MAX)
    throw logError('log-invalid', `A ${what} has ${TEXT_LENGTH_MAX} characters at most`);
  // A lone surrogate would come back as another text.
  if (!text.isWellFormed()) throw logError('log-invalid', `A ${what} must be well-formed Unicode`);
}
