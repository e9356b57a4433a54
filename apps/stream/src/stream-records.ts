import {
  conversationKey,
  deadLetterSchema,
  GROUPS,
  parseWith,
  sha256,
  TOPICS,
  type AcceptedTurn,
  type DeadLetter,
} from '@watchkeeper/domain';
import type { NewRecord, StoredRecord } from '@watchkeeper/event-log';
import type { JudgedEvent } from './judge-events';

/** The causes of this service's dead letters: how their reasons begin. */
export const UNREADABLE = 'unreadable';
export const UNCLASSIFIED = 'unclassified';

/** The verdict and the alert of a turn, in this order; their ids make appending them twice harmless. */
export function verdictRecords(judged: Extract<JudgedEvent, { verdict: unknown }>): NewRecord[] {
  const { turn, verdict } = judged;
  const records = [recordOf(TOPICS.verdicts, turn, verdict)];
  if (judged.outcome === 'scored' && judged.alert) records.push(recordOf(TOPICS.alerts, turn, judged.alert));
  return records;
}

/** A record set aside with its bytes as they were. Its id says who gave up and where, so that it is set aside once. */
export function deadLetterRecord(
  record: StoredRecord,
  why: { readonly reason: string; readonly tries: number; readonly failedAt: string },
): NewRecord {
  const { topic, partition, offset, key, value } = record;
  const letter: DeadLetter = {
    v: 1,
    id: sha256([GROUPS.judge, topic, partition, offset].join('\0')).slice(0, 32),
    group: GROUPS.judge,
    position: { topic, partition, offset },
    key,
    payloadBase64: Buffer.from(value).toString('base64'),
    ...why,
  };
  return { topic: TOPICS.deadLetters, key, id: letter.id, value: bytesOf(letter) };
}

/** undefined for what is not a dead letter: the topic is ours alone, but a bad record must not stop the rest. */
export function letterOf(record: StoredRecord): DeadLetter | undefined {
  try {
    const parsed = parseWith(deadLetterSchema, JSON.parse(Buffer.from(record.value).toString('utf8')));
    return parsed.ok ? parsed.value : undefined;
  } catch {
    return undefined;
  }
}

function recordOf(topic: string, turn: AcceptedTurn, content: { readonly id: string }): NewRecord {
  return { topic, key: conversationKey(turn.tenant, turn.conversationId), id: content.id, value: bytesOf(content) };
}

function bytesOf(content: unknown): Uint8Array {
  return Buffer.from(JSON.stringify(content));
}
