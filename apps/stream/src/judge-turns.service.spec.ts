import { Logger } from '@nestjs/common';
import { alertSchema, deadLetterSchema, TOPICS, verdictSchema, type AcceptedTurn } from '@watchkeeper/domain';
import type { NewRecord, RecordBatch } from '@watchkeeper/event-log';
import { MemoryEventLog } from '../../../test/fixtures/memory-event-log';
import {
  anEventRecord,
  CountedMetrics,
  OnePolicy,
  TestStreamSettings,
  WordClassifier,
} from '../../../test/fixtures/stream';
import { anAcceptedTurn } from '../../../test/fixtures/turns';
import { JudgeEvents } from './judge-events';
import { JudgeTurnsService } from './judge-turns.service';

function aStream() {
  const classifier = new WordClassifier();
  const policies = new OnePolicy();
  const settings = new TestStreamSettings();
  const metrics = new CountedMetrics();
  const judging = new JudgeEvents(classifier, policies, settings);
  const service = new JudgeTurnsService(new MemoryEventLog(), judging, settings, metrics);
  return { classifier, policies, settings, metrics, service };
}

function aBatch(values: readonly (AcceptedTurn | Uint8Array)[], redeliveries = 0): RecordBatch {
  const records = values.map((value, offset) => ({
    topic: TOPICS.events,
    partition: 2,
    offset: 40 + offset,
    appendedAtMs: 0,
    key: 'acme/c-1',
    value: value instanceof Uint8Array ? value : anEventRecord(value).value,
  }));
  return { topic: TOPICS.events, partition: 2, records, redeliveries };
}

function said(text: string, parts: Partial<AcceptedTurn> = {}): AcceptedTurn {
  return anAcceptedTurn({ id: `evt-${text}`, text, ...parts });
}

const textOf = ({ value }: NewRecord): unknown => JSON.parse(Buffer.from(value).toString());
const topicsOf = (records: readonly NewRecord[]): string[] => records.map(({ topic }) => topic);

describe('JudgeTurnsService', () => {
  beforeEach(() => Logger.overrideLogger(false));

  it('gives a verdict for every turn, and an alert where a rule is reached', async () => {
    const { service, metrics } = aStream();
    const outputs = await service.judgeBatch(aBatch([said('calm'), said('a storm')]));

    expect(topicsOf(outputs)).toEqual([TOPICS.verdicts, TOPICS.verdicts, TOPICS.alerts]);
    const [calm, storm] = outputs.slice(0, 2).map((record) => verdictSchema.parse(textOf(record)));
    expect(calm).toMatchObject({ outcome: 'scored', flagged: false, eventId: 'evt-calm', codeVersion: '0.1.0-test' });
    expect(storm).toMatchObject({
      flagged: true,
      position: { topic: TOPICS.events, partition: 2, offset: 41 },
      judgedAt: '2026-11-20T10:00:00.300Z',
    });
    const alert = alertSchema.parse(textOf(outputs[2]!));
    expect(alert).toMatchObject({
      category: 'violence',
      severity: 'high',
      actions: [{ kind: 'block', subject: 'user:u-9' }],
    });
    expect(outputs.map(({ id }) => id)).toEqual([calm?.id, storm?.id, alert.id]);
    expect(metrics.counts).toEqual({ judged: 2, verdictAge: 2, 'alerted violence high': 1 });
  });

  it('keys what it gives by conversation, in the order of the batch', async () => {
    const { service } = aStream();
    const outputs = await service.judgeBatch(
      aBatch([said('one', { conversationId: 'c-5' }), said('two', { conversationId: 'c-6', tenant: 'zeta' })]),
    );

    expect(outputs.map(({ key }) => key)).toEqual(['acme/c-5', 'zeta/c-6']);
  });

  it('gives the same ids when a batch comes again', async () => {
    const { service, settings } = aStream();
    const batch = aBatch([said('a storm'), said('kettle'), Buffer.from('{')]);
    const first = await service.judgeBatch(batch);
    settings.nowMs += 5_000;
    const again = await service.judgeBatch(batch);

    expect(again.map(({ topic, id }) => [topic, id])).toEqual(first.map(({ topic, id }) => [topic, id]));
  });

  it('sets an unreadable record aside at once, byte for byte, while the rest flows', async () => {
    const { service, metrics } = aStream();
    const bytes = Buffer.from([0x7b, 0xff, 0x00]);
    const outputs = await service.judgeBatch(aBatch([said('one'), bytes, said('two')]));

    expect(topicsOf(outputs)).toEqual([TOPICS.verdicts, TOPICS.deadLetters, TOPICS.verdicts]);
    const letter = deadLetterSchema.parse(textOf(outputs[1]!));
    expect(letter).toMatchObject({
      id: outputs[1]?.id,
      group: 'judge-turns',
      position: { topic: TOPICS.events, partition: 2, offset: 41 },
      key: 'acme/c-1',
      reason: 'unreadable: not JSON in UTF-8',
      tries: 1,
    });
    expect(Buffer.from(letter.payloadBase64, 'base64').equals(bytes)).toBe(true);
    expect(metrics.counts).toMatchObject({ 'deadLettered unreadable': 1, judged: 2 });
  });

  it('tries a text without scores again, only that text, then says unclassified and sets it aside', async () => {
    const { service, classifier } = aStream();
    const outputs = await service.judgeBatch(aBatch([said('one'), said('kettle'), said('two')]));

    expect(classifier.calls).toEqual([['one', 'kettle', 'two'], ['kettle'], ['kettle']]);
    expect(topicsOf(outputs)).toEqual([TOPICS.verdicts, TOPICS.verdicts, TOPICS.deadLetters, TOPICS.verdicts]);
    expect(textOf(outputs[1]!)).toMatchObject({ outcome: 'unclassified', reason: 'deadline' });
    expect(textOf(outputs[2]!)).toMatchObject({ reason: 'unclassified: deadline', tries: 3 });
  });

  it('lets the batch wait while the classifier is down: nothing is set aside', async () => {
    const { service, classifier, metrics } = aStream();
    classifier.isDown = true;
    await expect(service.judgeBatch(aBatch([said('one')]))).rejects.toThrow('the classifier is down');
    await expect(service.judgeBatch(aBatch([said('one')], 1))).rejects.toThrow('the classifier is down');
    classifier.isDown = false;

    expect(topicsOf(await service.judgeBatch(aBatch([said('one')], 2)))).toEqual([TOPICS.verdicts]);
    expect(metrics.counts).toMatchObject({ putOff: 2, judged: 1 });
  });

  it('distrusts a classifier that scores nothing of a whole batch, for a bounded number of deliveries', async () => {
    const { service, classifier } = aStream();
    classifier.isSilent = true;
    const texts = ['one', 'two', 'three', 'four'].map((text) => said(text));
    for (const redeliveries of [0, 1]) {
      await expect(service.judgeBatch(aBatch(texts, redeliveries))).rejects.toThrow('scored none of 4 turns');
    }

    expect(topicsOf(await service.judgeBatch(aBatch(texts, 2)))).toHaveLength(8);
  });

  it('lets the batch wait while the policy cannot be told', async () => {
    const { service, policies } = aStream();
    policies.isDown = true;

    await expect(service.judgeBatch(aBatch([said('one')]))).rejects.toThrow('the registry is down');
  });

  it('asks for a tenant’s policy once a batch', async () => {
    const { service, policies } = aStream();
    await service.judgeBatch(aBatch([said('one'), said('two'), said('three', { tenant: 'zeta' })]));

    expect(policies.asked).toBe(2);
  });

  it('takes tool and system for the user, and the assistant for itself', async () => {
    const { service, classifier } = aStream();
    const roles: string[] = [];
    const classify = classifier.classify.bind(classifier);
    classifier.classify = (inputs) => {
      roles.push(...inputs.map(({ role }) => role));
      return classify(inputs);
    };
    await service.judgeBatch(
      aBatch((['user', 'assistant', 'system', 'tool'] as const).map((role) => said(role, { role }))),
    );

    expect(roles).toEqual(['user', 'assistant', 'user', 'user']);
  });

  it('writes nothing that was said to the log lines', async () => {
    const lines: string[] = [];
    const keep = (...parts: unknown[]) => void lines.push(JSON.stringify(parts));
    Logger.overrideLogger({ log: keep, warn: keep, error: keep, debug: keep, verbose: keep, fatal: keep });
    const { service, classifier } = aStream();
    await service.judgeBatch(aBatch([said('canary a storm'), said('canary kettle'), Buffer.from('canary')]));
    classifier.isDown = true;
    await service.judgeBatch(aBatch([said('canary')])).catch(() => undefined);
    await service.beforeApplicationShutdown();

    expect(lines.length).toBeGreaterThan(2);
    expect(lines.join('\n')).not.toContain('canary');
  });
});
