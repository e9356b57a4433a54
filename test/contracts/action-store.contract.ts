import type { ActionStore, AlertPage, Delivery } from '@watchkeeper/action-store';
import type { ActionChange, Alert, AppliedAlert } from '@watchkeeper/domain';
import { anAlert, anApplied, anUndo } from '../fixtures/alerts';

export interface StoreUnderTest {
  readonly store: ActionStore;
  /** What a `kill -9` at this moment would leave, opened anew. */
  readonly afterKill: () => Promise<ActionStore>;
}

/** Opens an empty store. */
export type OpenStore = () => Promise<StoreUnderTest>;

export interface StorePromise {
  readonly number: number;
  readonly title: string;
  readonly check: (open: OpenStore) => Promise<void>;
}

const NOW_MS = Date.parse('2026-11-20T10:00:00.350Z');
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

/** The numbered promises of the port, each as a check that any adapter must pass and a mutant must fail. */
export const ACTION_STORE_PROMISES: readonly StorePromise[] = [
  {
    number: 1,
    title: 'applying an alert again, at once or much later, changes nothing and says so',
    async check(open) {
      const { store } = await open();
      const alert = anAlert();
      const first = await store.apply(alert, NOW_MS);
      const [again, onceMore] = await store.applyAll([alert, alert], NOW_MS + 1);
      const muchLater = await store.apply(alert, NOW_MS + 400 * DAY_MS);

      expect(first.isFirst).toBe(true);
      expect(first.alert).toEqual({ ...alert, appliedAt: new Date(NOW_MS).toISOString() });
      for (const repeated of [again, onceMore, muchLater]) expect(repeated).toEqual({ ...first, isFirst: false });
      expect(await store.inForce('acme', 'user:u-9', NOW_MS)).toEqual(first.actions);
      expect((await allAlerts(store)).map(({ id }) => id)).toEqual([alert.id]);
    },
  },
  {
    number: 2,
    title: 'once apply resolves, inForce shows the actions, also after kill -9',
    async check(open) {
      const { store, afterKill } = await open();
      const alerts = manyAlerts(20);
      const applied = await Promise.all(alerts.map((alert) => store.apply(alert, NOW_MS)));
      const reborn = await afterKill();

      for (const each of [store, reborn]) {
        const found = await each.inForce('acme', 'user:u-9', NOW_MS);
        expect(idsOf(found)).toEqual(idsOf(applied.flatMap(({ actions }) => actions)));
        expect(await each.alert('acme', alerts[0]!.id)).toEqual(applied[0]!.alert);
      }
    },
  },
  {
    number: 3,
    title: 'an action past its expiry is not in force, whoever asks, without anyone having removed it',
    async check(open) {
      const { store } = await open();
      const expiresAtMs = NOW_MS + HOUR_MS;
      await store.apply(anAlert({ actions: [{ kind: 'block', expiresAt: iso(expiresAtMs) }] }), NOW_MS);
      await store.apply(anAlert({ eventId: 'evt-8', actions: [{ kind: 'hold', expiresAt: null }] }), NOW_MS);
      const kindsAt = async (ms: number) => (await store.inForce('acme', 'user:u-9', ms)).map(({ kind }) => kind);

      expect(await kindsAt(expiresAtMs - 1)).toEqual(['block', 'hold']);
      expect(await kindsAt(expiresAtMs)).toEqual(['hold']);
      expect(await kindsAt(expiresAtMs + 400 * DAY_MS)).toEqual(['hold']);
    },
  },
  {
    number: 4,
    title: 'an undone action is not in force and does not come back when its alert is delivered again',
    async check(open) {
      const { store, afterKill } = await open();
      const alert = anAlert({ actions: [{ kind: 'block' }, { kind: 'review' }] });
      const { actions } = await store.apply(alert, NOW_MS);
      const undo = anUndo(actions[0]!);

      expect(await store.undo(undo)).toBe(true);
      expect(await store.undo({ ...undo, reason: 'another', undoneAt: iso(NOW_MS + DAY_MS) })).toBe(false);
      await store.apply(alert, NOW_MS + 1);
      for (const each of [store, await afterKill()]) {
        expect(await each.inForce('acme', 'user:u-9', NOW_MS)).toEqual([actions[1]]);
        const known = await each.action('acme', actions[0]!.id);
        expect(known).toEqual({ ...actions[0], undoneAt: undo.undoneAt, undoneReason: undo.reason });
      }
    },
  },
  {
    number: 5,
    title: "one tenant never sees another's actions or alerts",
    async check(open) {
      const { store } = await open();
      const { alert, actions } = await store.apply(anAlert(), NOW_MS);
      await store.undo({ ...anUndo(actions[0]!), tenant: 'zeta' });

      expect(await store.inForce('zeta', 'user:u-9', NOW_MS)).toEqual([]);
      expect(await store.action('zeta', actions[0]!.id)).toBeUndefined();
      expect(await store.alert('zeta', alert.id)).toBeUndefined();
      expect(await store.alerts('zeta', {}, { size: 10 })).toEqual({ alerts: [] });
      expect(await store.alerts('zeta', { eventId: 'evt-7' }, { size: 10 })).toEqual({ alerts: [] });
      expect(await store.inForce('acme', 'user:u-9', NOW_MS)).toEqual(actions);
    },
  },
  {
    number: 6,
    title: 'alerts are listed newest first, pages neither skip nor repeat while new ones arrive',
    async check(open) {
      const { store } = await open();
      // Several alerts share an instant: an order by time alone would lose them between two pages.
      const alerts = manyAlerts(23);
      for (const [i, alert] of alerts.entries()) await store.apply(alert, NOW_MS + Math.floor(i / 5));
      const listed: AppliedAlert[] = [];
      let page: AlertPage = { alerts: [] };
      do {
        page = await store.alerts('acme', {}, { size: 4, ...(page.next !== undefined && { after: page.next }) });
        listed.push(...page.alerts);
        await store.apply(anAlert({ eventId: `new-${listed.length}` }), NOW_MS + DAY_MS + listed.length);
      } while (page.next !== undefined);

      expect(idsOf(listed)).toEqual(idsOf(alerts));
      expect(new Set(listed.map(({ id }) => id)).size).toBe(alerts.length);
      expect(listed.map(({ appliedAt }) => appliedAt)).toEqual(
        listed.map(({ appliedAt }) => appliedAt).toSorted((a, b) => (a < b ? 1 : -1)),
      );
      await checkFilters(store);
    },
  },
  {
    number: 7,
    title: '`replay` of every change in the log, in any grouping, gives the same state as having lived it',
    async check(open) {
      const lived = (await open()).store;
      const alerts = manyAlerts(12);
      const changes: ActionChange[] = [];
      for (const [i, alert] of alerts.entries()) {
        const { actions } = await lived.apply(alert, NOW_MS + i);
        changes.push(...actions.map((action) => anApplied(action)));
        if (i % 3 === 0) changes.push(anUndo(actions[0]!, { undoneAt: iso(NOW_MS + i + 1) }));
      }
      for (const change of changes) if (change.change === 'undone') await lived.undo(change);
      const items = [...(await allAlerts(lived)).map((alert) => ({ alert })), ...changes.map((change) => ({ change }))];

      const expected = await stateOf(lived, alerts);
      for (const grouped of [[items], items.map((item) => [item]), [items.toReversed()], [items, items]]) {
        const { store } = await open();
        for (const group of grouped) await store.replay(group);
        expect(await stateOf(store, alerts)).toEqual(expected);
      }
      await lived.clear();
      expect(await allAlerts(lived)).toEqual([]);
      await lived.replay(items);
      expect(await stateOf(lived, alerts)).toEqual(expected);
    },
  },
  {
    number: 8,
    title: 'a delivery is due once at a time: claimed by one, it is not given to another until its lease ends',
    async check(open) {
      const { store, afterKill } = await open();
      await store.enqueue([aDelivery('d-1'), aDelivery('d-2'), aDelivery('d-3', { dueAtMs: NOW_MS + HOUR_MS })]);
      await store.enqueue([aDelivery('d-1', { body: 'another' })]);
      const claims = await Promise.all([1, 2, 3].map(() => store.claim(NOW_MS, 1_000, 1)));

      expect(idsOf(claims.flat())).toEqual(['d-1', 'd-2']);
      expect(claims.flat().every(({ body }) => body === '{}')).toBe(true);
      expect(await (await afterKill()).claim(NOW_MS + 999, 1_000, 10)).toEqual([]);
      expect(idsOf(await store.claim(NOW_MS + 1_000, 1_000, 10))).toEqual(['d-1', 'd-2']);

      await store.settle('d-1', 'done');
      await store.settle('d-2', { dueAtMs: NOW_MS + 5_000, attempts: 1 });
      await store.enqueue([aDelivery('d-1')]);
      expect(await store.pendingDeliveries()).toBe(2);
      expect(await store.claim(NOW_MS + 4_999, 1_000, 10)).toEqual([]);
      expect(await store.claim(NOW_MS + 5_000, 1_000, 10)).toEqual([
        aDelivery('d-2', { dueAtMs: NOW_MS + 5_000, attempts: 1 }),
      ]);
    },
  },
  {
    number: 9,
    title: 'memory is bounded: what expired longer ago than the retention is dropped by sweep',
    async check(open) {
      const { store } = await open();
      const expiresAt = iso(NOW_MS + HOUR_MS);
      const gone = anAlert({ eventId: 'gone', actions: [{ kind: 'block', expiresAt }, { kind: 'notify' }] });
      const kept = anAlert({ eventId: 'kept', actions: [{ kind: 'hold', expiresAt: null }] });
      await store.applyAll([gone, kept, ...manyAlerts(30, expiresAt)], NOW_MS);
      await store.enqueue([aDelivery('d-1'), aDelivery('d-2')]);
      await store.claim(NOW_MS, 1, 1);
      await store.settle('d-1', 'done');

      expect(await store.sweep(NOW_MS + HOUR_MS + DAY_MS - 1, DAY_MS)).not.toEqual({ dropped: 0 });
      expect(await store.alert('acme', gone.id)).toBeDefined();
      await store.sweep(NOW_MS + HOUR_MS + DAY_MS + 1, DAY_MS);
      expect((await allAlerts(store)).map(({ id }) => id)).toEqual([kept.id]);
      expect(await store.action('acme', gone.actions[0]!.id)).toBeUndefined();
      expect((await store.inForce('acme', 'user:u-9', NOW_MS)).map(({ kind }) => kind)).toEqual(['hold']);
      expect(await store.sweep(NOW_MS + HOUR_MS + DAY_MS + 1, DAY_MS)).toEqual({ dropped: 0 });

      await store.undo(anUndo({ ...kept, id: kept.actions[0]!.id, subject: 'user:u-9' }));
      await store.sweep(NOW_MS + 2 * DAY_MS, DAY_MS);
      expect(await allAlerts(store)).toEqual([]);
      expect(await store.pendingDeliveries()).toBe(1);
    },
  },
];

/** Holds an adapter to every promise. */
export function actionStoreContract(adapter: string, open: OpenStore): void {
  describe(`${adapter} keeps the promises of ActionStore`, () => {
    it.each(ACTION_STORE_PROMISES.map((promise) => [promise.number, promise.title, promise] as const))(
      '%i. %s',
      async (_number, _title, promise) => promise.check(open),
    );

    it('remembers which log it was built from until it is cleared', async () => {
      const { store, afterKill } = await open();
      expect(await store.builtFrom()).toBeUndefined();
      await store.setBuiltFrom('log-1');
      expect(await (await afterKill()).builtFrom()).toBe('log-1');
      await store.clear();
      expect(await store.builtFrom()).toBeUndefined();
    });

    it('refuses a cursor that it did not give', async () => {
      const { store } = await open();
      await expect(store.alerts('acme', {}, { size: 1, after: 'bm90IG9uZQ' })).rejects.toMatchObject({
        code: 'bad-cursor',
      });
    });

    it('refuses to work once closed', async () => {
      const { store } = await open();
      await store.close();
      await expect(store.inForce('acme', 'user:u-9', NOW_MS)).rejects.toThrow('closed');
      await expect(store.apply(anAlert(), NOW_MS)).rejects.toThrow('closed');
    });
  });
}

async function checkFilters(store: ActionStore): Promise<void> {
  const hate = { category: 'hate', severity: 'low', userId: 'u-1', conversationId: 'c-2' } as const;
  const odd = anAlert({ eventId: 'odd', ...hate });
  await store.apply(odd, NOW_MS + 7 * DAY_MS);
  for (const filter of [
    { category: 'hate' },
    { userId: 'u-1' },
    { conversationId: 'c-2' },
    { eventId: 'odd' },
    { fromMs: NOW_MS + 7 * DAY_MS },
    { userId: 'u-1', conversationId: 'c-2', eventId: 'odd', toMs: NOW_MS + 7 * DAY_MS + 1 },
  ] as const) {
    expect((await store.alerts('acme', filter, { size: 5 })).alerts.map(({ id }) => id)).toEqual([odd.id]);
  }
  const early = await store.alerts('acme', { severityFrom: 'high', fromMs: NOW_MS, toMs: NOW_MS + 1 }, { size: 50 });
  expect(early.alerts).toHaveLength(5);
  expect((await store.alerts('acme', { userId: 'u-1', category: 'violence' }, { size: 5 })).alerts).toEqual([]);
}

async function allAlerts(store: ActionStore): Promise<readonly AppliedAlert[]> {
  return (await store.alerts('acme', {}, { size: 1_000 })).alerts;
}

/** Everything the port shows of the given alerts. */
async function stateOf(store: ActionStore, alerts: readonly Alert[]): Promise<unknown> {
  const actions = alerts.flatMap((alert) => alert.actions);
  return {
    alerts: await allAlerts(store),
    actions: await Promise.all(actions.map(({ id }) => store.action('acme', id))),
    inForce: await store.inForce('acme', 'user:u-9', NOW_MS),
  };
}

function manyAlerts(count: number, expiresAt: string | null = iso(NOW_MS + DAY_MS)): Alert[] {
  return Array.from({ length: count }, (_, i) =>
    anAlert({
      eventId: `evt-${i}`,
      actions: [
        { kind: 'block', expiresAt },
        { kind: 'throttle', expiresAt },
      ],
    }),
  );
}

function aDelivery(id: string, parts: Partial<Delivery> = {}): Delivery {
  return { id, tenant: 'acme', endpointId: 'e-1', body: '{}', attempts: 0, dueAtMs: NOW_MS, ...parts };
}

function idsOf(things: readonly { readonly id: string }[]): string[] {
  return things.map(({ id }) => id).toSorted();
}

function iso(ms: number): string {
  return new Date(ms).toISOString();
}
