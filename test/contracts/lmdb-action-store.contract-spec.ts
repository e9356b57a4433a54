import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { LmdbActionStore } from '@watchkeeper/action-store/lmdb';
import type { Action, ActionChange, Alert, AppliedAlert } from '@watchkeeper/domain';
import { anAlert, anApplied, anUndo } from '../fixtures/alerts';

const NOW_MS = Date.parse('2026-11-20T10:00:00.000Z');
const SUBJECTS = ['user:u-0', 'user:u-1', 'conversation:c-1'];

let dir: string;
let store: LmdbActionStore;

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'action-store-'));
  store = await LmdbActionStore.open({ dir });
});

afterEach(async () => {
  await store.close();
  await rm(dir, { recursive: true, force: true });
});

describe('LmdbActionStore', () => {
  it('keeps what forbids in the answer when a subject has more actions than an answer holds', async () => {
    const block = anAlert({ eventId: 'block', actions: [{ kind: 'block', expiresAt: iso(NOW_MS + 10) }] });
    const reviews = Array.from({ length: 300 }, (_, i) =>
      anAlert({ eventId: `evt-${i}`, actions: [{ kind: 'review', expiresAt: null }] }),
    );
    await store.applyAll([...reviews, block], NOW_MS);

    const found = await store.inForce('acme', 'user:u-9', NOW_MS);
    expect(found).toHaveLength(201);
    expect(found[0]!.kind).toBe('block');
  });

  it('keeps ids of any length and with any character apart', async () => {
    const long = 'ü'.repeat(256);
    const alerts = [long, `${long}.`, 'a/b', 'a'].map((id) =>
      anAlert({ tenant: id, eventId: id, userId: id, conversationId: id }),
    );
    await store.applyAll(alerts, NOW_MS);

    for (const { tenant, id, actions } of alerts) {
      const found = await store.inForce(tenant, actions[0]!.subject, NOW_MS);
      expect(found.map(({ alertId }) => alertId)).toEqual([id]);
    }
  });

  it('makes one action of two plans with one id', async () => {
    const twice = anAlert({
      actions: [
        { kind: 'block', expiresAt: iso(NOW_MS + 10) },
        { kind: 'block', expiresAt: null },
      ],
    });
    const { actions } = await store.apply(twice, NOW_MS);
    expect(actions).toHaveLength(1);
    expect(await store.inForce('acme', 'user:u-9', NOW_MS)).toEqual(actions);
  });

  it('finds the one alert that matches among many, page by page', async () => {
    const alerts = Array.from({ length: 2_500 }, (_, i) =>
      anAlert({ eventId: `evt-${i}`, severity: i === 0 ? 'critical' : 'low', actions: [] }),
    );
    for (let i = 0; i < alerts.length; i += 500) await store.applyAll(alerts.slice(i, i + 500), NOW_MS + i);

    const { alerts: found } = await store.alerts('acme', { severityFrom: 'critical' }, { size: 10 });
    expect(found.map(({ eventId }) => eventId)).toEqual(['evt-0']);
  });

  it('equals a model after any interleaving of apply, redelivery, undo, replay and loss', async () => {
    const step = fc.oneof(
      fc.record({ do: fc.constant('apply' as const), which: fc.array(fc.nat(9), { minLength: 1, maxLength: 4 }) }),
      fc.record({ do: fc.constant('undo' as const), which: fc.nat(9) }),
      fc.record({
        do: fc.constantFrom('replay' as const, 'lose' as const, 'reopen' as const),
        chunk: fc.integer({ min: 1, max: 7 }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
        await store.clear();
        const model = new Model();
        for (const [i, each] of steps.entries()) await take(each, model, NOW_MS + i);
        await expectSame(model, NOW_MS + steps.length);
      }),
      { numRuns: 40 },
    );
  });
});

type Step =
  | { readonly do: 'apply'; readonly which: readonly number[] }
  | { readonly do: 'undo'; readonly which: number }
  | { readonly do: 'replay' | 'lose' | 'reopen'; readonly chunk: number };

/** The same in plain maps, and the log that the store could be rebuilt from. */
class Model {
  readonly alerts = new Map<string, AppliedAlert>();
  readonly actions = new Map<string, Action>();
  readonly undone = new Set<string>();
  readonly changes: ActionChange[] = [];

  apply(alert: Alert, nowMs: number): boolean {
    if (this.alerts.has(alert.id)) return false;
    const appliedAt = iso(nowMs);
    this.alerts.set(alert.id, { ...alert, appliedAt });
    const { tenant, eventUid, eventId, conversationId, category, severity } = alert;
    for (const plan of alert.actions) {
      const about = { tenant, eventUid, eventId, conversationId, category, severity, alertId: alert.id };
      const action: Action = { ...plan, ...about, appliedAt };
      this.actions.set(plan.id, action);
      this.changes.push(anApplied(action));
    }
    return true;
  }

  undo(change: Extract<ActionChange, { change: 'undone' }>): boolean {
    if (this.undone.has(change.actionId)) return false;
    this.undone.add(change.actionId);
    this.changes.push(change);
    return true;
  }

  inForce(subject: string, nowMs: number): string[] {
    return [...this.actions.values()]
      .filter((action) => action.subject === subject && !this.undone.has(action.id))
      .filter(({ expiresAt }) => expiresAt === null || Date.parse(expiresAt) > nowMs)
      .map(({ id }) => id)
      .toSorted();
  }
}

const ALERTS = Array.from({ length: 10 }, (_, i) =>
  anAlert({
    eventId: `evt-${i}`,
    userId: `u-${i % 2}`,
    actions: [
      { kind: 'block', expiresAt: i % 3 === 0 ? null : iso(NOW_MS + i * 4) },
      { kind: 'review', subject: 'conversation:c-1', expiresAt: iso(NOW_MS + 1_000) },
    ],
  }),
);

async function take(step: Step, model: Model, nowMs: number): Promise<void> {
  if (step.do === 'apply') {
    const alerts = step.which.map((i) => ALERTS[i]!);
    const applied = await store.applyAll(alerts, nowMs);
    const expected = alerts.map((alert) => model.apply(alert, nowMs));
    expect(applied.map(({ isFirst }) => isFirst)).toEqual(expected);
  } else if (step.do === 'undo') {
    const alert = ALERTS[step.which]!;
    const action = model.actions.get(alert.actions[0]!.id);
    if (!action) return;
    const change = anUndo(action, { undoneAt: iso(nowMs) });
    const isFirst = model.undo(change);
    expect(await store.undo(change)).toBe(isFirst);
  } else if (step.do === 'reopen') {
    await store.close();
    store = await LmdbActionStore.open({ dir });
  } else {
    if (step.do === 'lose') await store.clear();
    const items = [
      ...model.changes.map((change) => ({ change })),
      ...[...model.alerts.values()].map((alert) => ({ alert })),
    ];
    for (let i = 0; i < items.length; i += step.chunk) await store.replay(items.slice(i, i + step.chunk));
  }
}

async function expectSame(model: Model, nowMs: number): Promise<void> {
  for (const subject of SUBJECTS) {
    for (const atMs of [NOW_MS, nowMs, NOW_MS + 20]) {
      const found = await store.inForce('acme', subject, atMs);
      expect(found.map(({ id }) => id).toSorted()).toEqual(model.inForce(subject, atMs));
    }
  }
  const { alerts } = await store.alerts('acme', {}, { size: 100 });
  expect(alerts).toEqual(expect.arrayContaining([...model.alerts.values()]));
  expect(alerts).toHaveLength(model.alerts.size);
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
