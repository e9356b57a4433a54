import { LmdbActionStore } from '@watchkeeper/action-store/lmdb';
import { isAllowed, judgeTurn, policyRef, type Alert, type Category } from '@watchkeeper/domain';
import { A_POLICY, WordClassifier } from '../fixtures/stream';
import { anAcceptedTurn } from '../fixtures/turns';
import { anUndo } from '../fixtures/alerts';
import { Folder } from './a-folder';

const HOUR_MS = 60 * 60_000;

/**
 * Chapter 2. A flagged verdict becomes an *alert*, and the alert plans *actions*: block this user for a day, hold that
 * conversation for review. The action store answers the one question that a product asks before each message: may this
 * user go on?
 */
describe('2. An alert and its action', () => {
  let folder: Folder;
  let store: LmdbActionStore;

  beforeAll(async () => {
    folder = await Folder.make();
    store = folder.keep(await LmdbActionStore.open({ dir: folder.of('actions') }));
  });
  afterAll(() => folder.end());

  const judgedAt = '2026-11-20T10:00:00.300Z';
  const nowMs = Date.parse(judgedAt) + 20;
  const alert = alertOn('I will bring a storm upon your house.');

  it('begins with the gravest rule that the scores reach', () => {
    expect(alert).toMatchObject({ category: 'violence', severity: 'high', score: 0.95, threshold: 0.8 });

    // The action is planned in the alert. `for: 24h` counts from the verdict, so judging again plans the same end.
    expect(alert.actions).toEqual([
      { id: expect.any(String) as string, kind: 'block', subject: 'user:u-9', expiresAt: '2026-11-21T10:00:00.300Z' },
    ]);
  });

  it('is in force once it is applied, and applying it again changes nothing', async () => {
    expect((await store.apply(alert, nowMs)).isFirst).toBe(true);
    const inForce = await store.inForce('acme', 'user:u-9', nowMs);
    expect(inForce).toMatchObject([{ kind: 'block', alertId: alert.id }]);
    expect(isAllowed(inForce)).toBe(false);

    // The log may deliver an alert twice, after a crash for one. Its id is a hash of the event and the rule, so the
    // second time is known for what it is.
    expect((await store.apply(alert, nowMs + 5_000)).isFirst).toBe(false);
    expect(await store.inForce('acme', 'user:u-9', nowMs)).toEqual(inForce);
  });

  it('concerns its own tenant only', async () => {
    // Another customer may have a user of the same name.
    expect(await store.inForce('zeta', 'user:u-9', nowMs)).toEqual([]);
  });

  it('ends by itself when its time is over', async () => {
    expect(await store.inForce('acme', 'user:u-9', nowMs + 23 * HOUR_MS)).toHaveLength(1);
    expect(await store.inForce('acme', 'user:u-9', nowMs + 25 * HOUR_MS)).toEqual([]);
  });

  it('can be undone by a person, and stays undone', async () => {
    const [action] = await store.inForce('acme', 'user:u-9', nowMs);
    const undo = anUndo(action!, { reason: 'the user was quoting a play' });
    expect(await store.undo(undo)).toBe(true);
    expect(isAllowed(await store.inForce('acme', 'user:u-9', nowMs))).toBe(true);

    // Not even the same alert brings it back, and what was done and why is still known.
    await store.apply(alert, nowMs + 60_000);
    expect(await store.inForce('acme', 'user:u-9', nowMs + 60_000)).toEqual([]);
    expect(await store.action('acme', action!.id)).toMatchObject({ undoneReason: 'the user was quoting a play' });
  });

  function alertOn(text: string): Alert {
    const { model } = new WordClassifier();
    const calm = { sexual: 0, hate: 0, harassment: 0, self_harm: 0, violence: 0, illicit: 0, jailbreak: 0, unsafe: 0 };
    const scores: Record<Category, number> = { ...calm, violence: 0.95, unsafe: 0.95 };
    const position = { topic: 'conversation.events', partition: 0, offset: 0 };
    const context = {
      model,
      policy: A_POLICY,
      policyRef: policyRef(A_POLICY),
      codeVersion: '0.1.0',
      position,
      judgedAt,
    };
    const judged = judgeTurn(anAcceptedTurn({ text }), { outcome: 'scored', scores }, context);
    return judged.alert!;
  }
});

// The store may be lost: everything in it can be had again from the log. Chapter 3 looks at the log.
