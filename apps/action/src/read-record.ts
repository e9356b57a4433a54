import type { z } from 'zod';
import { GROUPS, parseWith, sha256, TOPICS, type DeadLetter, type Parsed } from '@watchkeeper/domain';
import type { NewRecord, StoredRecord } from '@watchkeeper/event-log';

/** A record's value, parsed. The faults name places, never what stands there. */
export function readRecord<T>(schema: z.ZodType<T>, record: StoredRecord): Parsed<T> {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(record.value).toString('utf8'));
  } catch {
    return { ok: false, faults: [{ pointer: '', detail: 'is not JSON' }] };
  }
  return parseWith(schema, value);
}

/** What does not parse today will not parse at the next delivery: it is set aside, byte for byte. */
export function deadLetterOf(
  record: StoredRecord,
  why: { readonly reason: string; readonly tries: number; readonly failedAtMs: number },
): NewRecord {
  const { topic, partition, offset, key } = record;
  const id = sha256([GROUPS.apply, topic, partition, offset].join('\0')).slice(0, 32);
  const letter: DeadLetter = {
    v: 1,
    id,
    group: GROUPS.apply,
    position: { topic, partition, offset },
    key,
    payloadBase64: Buffer.from(record.value).toString('base64'),
    reason: why.reason,
    tries: why.tries,
    failedAt: new Date(why.failedAtMs).toISOString(),
  };
  return { topic: TOPICS.deadLetters, key, id, value: jsonBytes(letter) };
}

export function jsonBytes(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value));
}
