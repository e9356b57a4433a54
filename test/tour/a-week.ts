import { JudgeEvents, type EventRecord } from '@watchkeeper/app-stream/judge-events';
import { verdictRecords } from '@watchkeeper/app-stream/stream-records';
import type { Classifier } from '@watchkeeper/classifier';
import { evaluationUid, LANDED_TOPICS, type AcceptedEvaluation, type AcceptedTurn } from '@watchkeeper/domain';
import type { EventLog, NewRecord, StoredRecord } from '@watchkeeper/event-log';
import type { Lakehouse } from '@watchkeeper/lakehouse';
import { OnePolicy, TestStreamSettings, WordClassifier } from '../fixtures/stream';
import { anAcceptedTurn } from '../fixtures/turns';

/** Six turns said in 2026-W47, in three conversations. One of them is violent: it speaks of a storm. */
export const SOME_TURNS: readonly AcceptedTurn[] = [
  said('evt-1', 'c-1', 'user', 'Which ferry goes to the island on Sunday?'),
  said('evt-2', 'c-1', 'assistant', 'The one at ten past nine.'),
  said('evt-3', 'c-2', 'user', 'I will bring a storm upon your house.'),
  said('evt-4', 'c-2', 'assistant', 'I cannot help with that.'),
  said('evt-5', 'c-3', 'user', 'How long does rye bread keep?'),
  said('evt-6', 'c-3', 'assistant', 'About a week, wrapped in cloth.'),
];

function said(id: string, conversationId: string, role: AcceptedTurn['role'], text: string): AcceptedTurn {
  const model = { provider: 'acme', name: 'acme-chat', version: '2026-11-01' };
  return anAcceptedTurn({ id, conversationId, role, text, ...(role === 'assistant' && { model }) });
}

/** A rater's word on whether a turn made something up. */
export function aRating(turn: AcceptedTurn, madeUp: boolean, raterId = 'r-1'): AcceptedEvaluation {
  const id = `rating-of-${turn.id}-by-${raterId}`;
  return {
    v: 1,
    id,
    uid: evaluationUid(turn.tenant, 'raters', id),
    tenant: turn.tenant,
    source: 'raters',
    conversationId: turn.conversationId,
    turnId: turn.id,
    raterId,
    question: 'hallucination',
    value: madeUp,
    ratedAt: '2026-11-20T12:00:00.000Z',
    acceptedAt: '2026-11-20T12:00:00.000Z',
  };
}

/** The stream's own judging, with a classifier that knows one word and a policy with one rule. */
export function aJudge(classifier: Classifier = new WordClassifier()): JudgeEvents {
  return new JudgeEvents(classifier, new OnePolicy(), new TestStreamSettings());
}

/** What the stream would append for these records: verdicts, and alerts where a rule is reached. */
export async function judgedRecords(judge: JudgeEvents, records: readonly StoredRecord[]): Promise<NewRecord[]> {
  const judged = await judge.judge(records.map((record): EventRecord => ({ position: record, value: record.value })));
  return judged.flatMap((event) => ('verdict' in event ? verdictRecords(event) : []));
}

export async function recordsOf(log: EventLog, topic: string): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  for (const { partition, start } of await log.bounds(topic)) {
    records.push(...(await log.read({ topic, partition, offset: start }, { recordsMax: 1_000 })));
  }
  return records;
}

/** Every topic of the log into its bronze table: what the batch does every two seconds. */
export async function landEverything(log: EventLog, lake: Lakehouse): Promise<number> {
  let rows = 0;
  for (const topic of LANDED_TOPICS) {
    const landed = await lake.landed(topic);
    const records = (await recordsOf(log, topic)).filter(({ partition, offset }) => offset >= (landed[partition] ?? 0));
    rows += (await lake.land(topic, await log.identity(), records)).rows;
  }
  return rows;
}
