import * as fc from 'fast-check';
import { judge, judgeTurn, type JudgingContext } from './judge';
import { policyRef, policySchema } from './policy';
import { CATEGORIES, verdictSchema, type Scores } from './verdict';
import { alertSchema } from './alert';
import type { AcceptedTurn } from './event';

const low = Object.fromEntries(CATEGORIES.map((category) => [category, 0.01])) as unknown as Scores;

const policy = policySchema.parse({
  schema: 1,
  id: 'test',
  version: 3,
  rules: [
    {
      id: 'violence.user',
      category: 'violence',
      roles: ['user'],
      threshold: 0.8,
      severity: 'high',
      actions: [{ do: 'block', to: 'user', for: '24h' }],
    },
    {
      id: 'hate.user',
      category: 'hate',
      roles: ['user'],
      threshold: 0.5,
      severity: 'medium',
      actions: [{ do: 'throttle', to: 'user', for: '1h' }],
    },
    {
      id: 'unsafe.any',
      category: 'unsafe',
      roles: ['user', 'assistant'],
      threshold: 0.5,
      severity: 'high',
      actions: [{ do: 'hold', to: 'conversation' }],
    },
  ],
});

const turn: AcceptedTurn = {
  v: 1,
  type: 'turn',
  uid: 'u-1',
  tenant: 't',
  source: 's',
  id: 'evt-1',
  conversationId: 'c-1',
  role: 'user',
  text: 'a text that must stay inside',
  userId: 'u-9',
  saidAt: '2026-11-20T10:00:00.000Z',
  acceptedAt: '2026-11-20T10:00:01.000Z',
};

const context: JudgingContext = {
  model: { name: 'm', version: '1', sha256: 'abc' },
  policy,
  policyRef: policyRef(policy),
  codeVersion: '0.1.0',
  position: { topic: 'conversation.events', partition: 2, offset: 7 },
  judgedAt: '2026-11-20T10:00:02.000Z',
};

describe('judging', () => {
  it.each([
    ['nothing reached', {}, []],
    ['a score on the threshold', { violence: 0.8 }, ['violence.user']],
    ['a score just below it', { violence: 0.799 }, []],
    ['the gravest first', { violence: 0.9, hate: 0.99 }, ['violence.user', 'hate.user']],
    ['a named harm before unsafe', { violence: 0.81, unsafe: 0.99 }, ['violence.user', 'unsafe.any']],
  ])('%s', (_, scores, rules) => {
    const { matches, flagged } = judge({ role: 'user' }, { ...low, ...scores }, policy);
    expect(matches.map((match) => match.ruleId)).toEqual(rules);
    expect(flagged).toBe(rules.length > 0);
  });

  it('asks only the rules of the role', () => {
    expect(judge({ role: 'assistant' }, { ...low, violence: 1, hate: 1 }, policy).flagged).toBe(false);
  });

  it('gives one alert per event, with the actions of the gravest rule', () => {
    const { verdict, alert } = judgeTurn(
      turn,
      { outcome: 'scored', scores: { ...low, violence: 0.9, hate: 0.9 } },
      context,
    );
    expect(verdictSchema.parse(verdict)).toEqual(verdict);
    expect(alertSchema.parse(alert)).toEqual(alert);
    expect(alert).toMatchObject({
      category: 'violence',
      severity: 'high',
      actions: [{ kind: 'block', subject: 'user:u-9', expiresAt: '2026-11-21T10:00:02.000Z' }],
    });
  });

  it('acts on the conversation when the user is not known', () => {
    const { userId: _, ...anonymous } = turn;
    const { alert } = judgeTurn(anonymous, { outcome: 'scored', scores: { ...low, violence: 0.9 } }, context);
    expect(alert?.actions[0]?.subject).toBe('conversation:c-1');
  });

  it('never takes what could not be scored for safe', () => {
    const { verdict, alert } = judgeTurn(turn, { outcome: 'unclassified', reason: 'deadline' }, context);
    expect(alert).toBeUndefined();
    expect(verdict).toMatchObject({ outcome: 'unclassified', reason: 'deadline' });
    expect(verdict).not.toHaveProperty('flagged');
    expect(verdict.id).not.toBe(judgeTurn(turn, { outcome: 'scored', scores: low }, context).verdict.id);
  });

  it('gives the same bytes for the same inputs, and no text', () => {
    const scoreArbitrary = fc.record(
      Object.fromEntries(CATEGORIES.map((category) => [category, fc.double({ min: 0, max: 1, noNaN: true })])),
    );
    fc.assert(
      fc.property(scoreArbitrary, (scores) => {
        const once = JSON.stringify(
          judgeTurn(turn, { outcome: 'scored', scores: scores as unknown as Scores }, context),
        );
        expect(
          JSON.stringify(judgeTurn(turn, { outcome: 'scored', scores: scores as unknown as Scores }, context)),
        ).toBe(once);
        expect(once).not.toContain(turn.text);
      }),
    );
  });

  it('gives other ids when the model or the policy is another', () => {
    const id = (over: Partial<JudgingContext>) =>
      judgeTurn(turn, { outcome: 'scored', scores: low }, { ...context, ...over }).verdict.id;
    const ids = [
      id({}),
      id({ model: { ...context.model, sha256: 'def' } }),
      id({ policyRef: { ...context.policyRef, hash: 'x' } }),
    ];
    expect(new Set(ids).size).toBe(3);
    expect(id({ judgedAt: '2027-01-01T00:00:00.000Z', codeVersion: '9' })).toBe(ids[0]);
  });
});
