import { acceptedEvaluationSchema, acceptedEventSchema, eventUid, type Caller } from '@watchkeeper/domain';
import { aTurn } from '../../../test/fixtures/turns';
import type { Checked } from './accept';
import { checkEvaluation, checkEvent, checkModel } from './check-posted';

const CALLER: Caller = { tenant: 'acme', keyId: 'key-1', name: 'chat-web', scopes: ['ingest:write'] };
const ACCEPTED_AT = '2026-11-20T10:00:00.100Z';
const ACCEPTANCE = { caller: CALLER, acceptedAt: ACCEPTED_AT };
const CANARY = 'the words that must not get out';
const RATING = {
  id: 'ev-1',
  conversationId: 'c-1',
  turnId: 'evt-7',
  raterId: 'r-2',
  question: 'accuracy',
  value: true,
};
const MODEL = { provider: 'acme', name: 'acme-chat', version: '2026-11-01' };

function recordOf(checked: Checked) {
  if (!checked.ok) throw new Error(`it was refused: ${JSON.stringify(checked.faults)}`);
  return checked.record;
}

const event = (value: unknown) => recordOf(checkEvent({ value }, ACCEPTANCE));
const storedIn = (record: { value: Uint8Array }): unknown => JSON.parse(Buffer.from(record.value).toString('utf8'));

describe('an event at the door', () => {
  it('becomes a record of its conversation, identified by tenant, source and id', () => {
    const record = event(aTurn({ source: 'app' }));
    expect(record).toMatchObject({
      topic: 'conversation.events',
      key: 'acme/c-1',
      id: eventUid('acme', 'app', 'evt-7'),
    });
    expect(acceptedEventSchema.parse(storedIn(record))).toMatchObject({
      v: 1,
      tenant: 'acme',
      source: 'app',
      uid: record.id,
      acceptedAt: ACCEPTED_AT,
      saidAt: '2026-11-20T10:00:00.000Z',
    });
  });

  it("comes from the key's name, and was said when it was accepted, unless it says otherwise", () => {
    const { source: _, saidAt: __, ...bare } = aTurn();
    expect(storedIn(event(bare))).toMatchObject({ source: 'chat-web', saidAt: ACCEPTED_AT });
  });

  it("is of the key's tenant, whatever the body says, and knows no field of ours from outside", () => {
    const posing = { ...aTurn(), tenant: 'zeta', uid: 'mine', v: 2, acceptedAt: '2000-01-01T00:00:00.000Z' };
    expect(storedIn(event(posing))).toMatchObject({
      tenant: 'acme',
      uid: eventUid('acme', 'chat-web', 'evt-7'),
      v: 1,
      acceptedAt: ACCEPTED_AT,
    });
    expect(event(posing).fingerprint).toBe(event(aTurn()).fingerprint);
  });

  it('has one fingerprint, in whatever order its keys are', () => {
    const turn = aTurn({ attributes: { a: 1, b: 'x', c: null }, model: { name: 'acme-chat', version: '2' } });
    const reversed = Object.fromEntries(Object.entries(turn).toReversed());
    const shuffled = { ...reversed, attributes: { c: null, b: 'x', a: 1 }, model: { version: '2', name: 'acme-chat' } };
    expect(event(shuffled).fingerprint).toBe(event(turn).fingerprint);
    // Without attributes it is made in another way, to the same end.
    const { attributes: _, ...plain } = turn;
    const { attributes: __, ...shuffledPlain } = shuffled;
    expect(event(shuffledPlain).fingerprint).toBe(event(plain).fingerprint);
  });

  it("has one fingerprint whether it names its source or leaves that to the key's name", () => {
    const named = event(aTurn({ source: 'chat-web' }));
    expect(named.id).toBe(event(aTurn()).id);
    expect(named.fingerprint).toBe(event(aTurn()).fingerprint);
  });

  it('has one fingerprint for one instant, however it is written', () => {
    const berlin = event(aTurn({ saidAt: '2026-11-20T11:00:00+01:00' }));
    expect(berlin.fingerprint).toBe(event(aTurn({ saidAt: '2026-11-20T10:00:00Z' })).fingerprint);
  });

  it.each([
    ['another text', { text: 'Another ferry' }],
    ['another attribute', { attributes: { a: 2 } }],
    ['no userId', { userId: undefined }],
    ['another role', { role: 'assistant' as const }],
  ])('has another fingerprint with %s', (_, parts) => {
    const turn = aTurn({ attributes: { a: 1 } });
    expect(event({ ...turn, ...parts }).fingerprint).not.toBe(event(turn).fingerprint);
  });

  it('has one fingerprint whoever accepts it when: only the body counts', () => {
    const later = checkEvent({ value: aTurn() }, { caller: CALLER, acceptedAt: '2026-11-21T10:00:00.000Z' });
    expect(recordOf(later).fingerprint).toBe(event(aTurn()).fingerprint);
  });

  it.each([
    ['no object', CANARY, ['']],
    ['no type', { ...aTurn(), type: undefined }, ['/type']],
    ['a type that is not known', { ...aTurn(), type: CANARY }, ['/type']],
    [
      'several faults',
      { type: 'turn', id: '', conversationId: 'c-1', role: CANARY, text: 7 },
      ['/id', '/role', '/text'],
    ],
    ['NUL', aTurn({ text: `${CANARY}\0` }), ['/text']],
    ['half a character', aTurn({ text: `${CANARY}\ud800` }), ['/text']],
    ['a nested attribute', { ...aTurn(), attributes: { 'a/b': { deep: CANARY } } }, ['/attributes/a~1b']],
    [
      'a thumb that is no thumb',
      { type: 'feedback', kind: 'thumb', id: 'f', conversationId: 'c', value: CANARY },
      ['/value'],
    ],
    ['a report without a reason', { type: 'feedback', kind: 'report', id: 'f', conversationId: 'c' }, ['/reason']],
  ])('is refused with a pointer to each fault, and none of its words: %s', (_, value, pointers) => {
    const checked = checkEvent({ value }, ACCEPTANCE);
    if (checked.ok) throw new Error('it was taken');
    expect(checked.faults.map(({ pointer }) => pointer)).toEqual(pointers);
    expect(JSON.stringify(checked.faults)).not.toContain(CANARY);
  });

  it.each([
    ['its id', { id: 'evt-9', type: 'turn' }, 'evt-9'],
    ['no id when it has none', { type: 'turn' }, undefined],
    ['no id when that may be a text', { id: CANARY.repeat(20), type: 'turn' }, undefined],
    ['no id when that is no text', { id: 7, type: 'turn' }, undefined],
  ])('is refused with %s', (_, value, id) => {
    expect(checkEvent({ value }, ACCEPTANCE)).toMatchObject({ ok: false, ...(id !== undefined && { id }) });
    expect('id' in checkEvent({ value }, ACCEPTANCE)).toBe(id !== undefined);
  });

  it('that could not be read keeps the faults it came with', () => {
    const faults = [{ pointer: '', detail: 'the line is not JSON' }];
    for (const check of [checkEvent, checkEvaluation, checkModel]) {
      expect(check({ faults }, ACCEPTANCE)).toEqual({ ok: false, faults });
    }
  });
});

describe('a human evaluation at the door', () => {
  const evaluation = (value: unknown) => recordOf(checkEvaluation({ value }, ACCEPTANCE));

  it('goes with its conversation, and was made when it was accepted unless it says otherwise', () => {
    const record = evaluation(RATING);
    expect(record).toMatchObject({ topic: 'quality.evaluations', key: 'acme/c-1' });
    expect(acceptedEvaluationSchema.parse(storedIn(record))).toMatchObject({
      ratedAt: ACCEPTED_AT,
      source: 'chat-web',
    });
    expect(storedIn(evaluation({ ...RATING, ratedAt: '2026-11-19T10:00:00Z' }))).toMatchObject({
      ratedAt: '2026-11-19T10:00:00.000Z',
    });
  });

  it('has an identity apart from that of an event with the same id', () => {
    expect(evaluation({ ...RATING, id: 'evt-7' }).id).not.toBe(event(aTurn()).id);
  });

  it.each([
    ['accuracy', 0.5],
    ['hallucination', 'yes'],
    ['satisfaction', 6],
    ['satisfaction', true],
  ])('of %s with the value %p is refused', (question, value) => {
    const checked = checkEvaluation({ value: { ...RATING, question, value } }, ACCEPTANCE);
    expect(checked).toMatchObject({ ok: false, id: 'ev-1', faults: [{ pointer: '/value' }] });
  });
});

describe('what is known of a model, at the door', () => {
  it('is identified by its content, so that the last word can be the first one again', () => {
    const record = recordOf(checkModel({ value: MODEL }, ACCEPTANCE));
    expect(record).toMatchObject({ topic: 'quality.models', key: 'acme/acme/acme-chat' });
    expect(record.id).toBeUndefined();
    expect(storedIn(record)).toMatchObject({ ...MODEL, tenant: 'acme', attributes: {} });
  });

  it('is refused without a version', () => {
    const { version: _, ...bare } = MODEL;
    expect(checkModel({ value: bare }, ACCEPTANCE)).toMatchObject({ ok: false, faults: [{ pointer: '/version' }] });
  });
});
