import type { ActionStore } from '@watchkeeper/action-store';
import type { Action } from '@watchkeeper/domain';
import type { StoreUnderTest } from '../action-store.contract';

/** A store that breaks one promise: the check of that promise must see it. */
export interface StoreMutant {
  readonly breaks: number;
  readonly how: string;
  readonly mutate: (underTest: StoreUnderTest) => StoreUnderTest;
}

export const ACTION_STORE_MUTANTS: readonly StoreMutant[] = [
  {
    breaks: 1,
    how: 'says of every alert that it is the first',
    mutate: withStore((store) => ({
      applyAll: async (alerts, nowMs) =>
        (await store.applyAll(alerts, nowMs)).map((applied) => ({ ...applied, isFirst: true })),
    })),
  },
  {
    breaks: 1,
    how: 'gives a repeated alert a new time',
    mutate: withStore((store) => ({
      applyAll: async (alerts, nowMs) =>
        (await store.applyAll(alerts, nowMs)).map((applied) => ({
          ...applied,
          alert: { ...applied.alert, appliedAt: new Date(nowMs).toISOString() },
        })),
    })),
  },
  {
    breaks: 2,
    how: 'answers before the alert is written',
    mutate: withStore((store) => ({
      apply: async (alert, nowMs) => {
        setTimeout(() => void store.apply(alert, nowMs).catch(() => undefined), 50);
        return { isFirst: true, alert: { ...alert, appliedAt: new Date(nowMs).toISOString() }, actions: [] };
      },
    })),
  },
  {
    breaks: 2,
    how: 'comes back empty after a kill',
    mutate: (underTest) => ({
      store: underTest.store,
      afterKill: async () => {
        const store = await underTest.afterKill();
        await store.clear();
        return store;
      },
    }),
  },
  {
    breaks: 3,
    how: 'lets an action outlive its expiry',
    mutate: withStore((store) => ({ inForce: (tenant, subject) => store.inForce(tenant, subject, 0) })),
  },
  {
    breaks: 3,
    how: 'counts the instant of expiry in',
    mutate: withStore((store) => ({
      inForce: (tenant, subject, nowMs) => store.inForce(tenant, subject, nowMs - 1),
    })),
  },
  {
    breaks: 4,
    how: 'forgets undos',
    mutate: withStore(() => ({ undo: async () => true })),
  },
  {
    breaks: 4,
    how: 'brings an undone action back with its alert',
    mutate: withStore((store) => {
      const known = new Map<string, readonly Action[]>();
      let isAgain = false;
      return {
        apply: async (alert, nowMs) => {
          const applied = await store.apply(alert, nowMs);
          isAgain = known.has(alert.id);
          known.set(alert.id, applied.actions);
          return applied;
        },
        inForce: async (tenant, subject, nowMs) =>
          isAgain ? [...known.values()].flat() : store.inForce(tenant, subject, nowMs),
      };
    }),
  },
  {
    breaks: 5,
    how: 'knows one tenant only',
    mutate: withStore((store) => ({
      inForce: (_tenant, subject, nowMs) => store.inForce('acme', subject, nowMs),
    })),
  },
  {
    breaks: 5,
    how: 'finds an alert by its id alone',
    mutate: withStore((store) => ({ alert: (_tenant, id) => store.alert('acme', id) })),
  },
  {
    breaks: 6,
    how: 'goes on one too late at each page',
    mutate: withStore((store) => ({
      alerts: async (tenant, filter, page) => {
        const { alerts, next } = await store.alerts(tenant, filter, page);
        return { alerts: page.after === undefined ? alerts : alerts.slice(1), ...(next !== undefined && { next }) };
      },
    })),
  },
  {
    breaks: 6,
    how: 'lists the oldest first',
    mutate: withStore((store) => ({
      alerts: async (tenant, filter, page) => {
        const found = await store.alerts(tenant, filter, page);
        return { ...found, alerts: found.alerts.toReversed() };
      },
    })),
  },
  {
    breaks: 7,
    how: 'leaves undos out of a replay',
    mutate: withStore((store) => ({
      replay: (items) => store.replay(items.filter((item) => 'alert' in item || item.change.change !== 'undone')),
    })),
  },
  {
    breaks: 7,
    how: 'applies replayed alerts as of now',
    mutate: withStore((store) => ({
      replay: (items) =>
        store.replay(
          items.map((item) =>
            'alert' in item ? { alert: { ...item.alert, appliedAt: '2027-01-01T00:00:00.000Z' } } : item,
          ),
        ),
    })),
  },
  {
    breaks: 8,
    how: 'gives leases that end at once',
    mutate: withStore((store) => ({ claim: (nowMs, _leaseMs, max) => store.claim(nowMs, 0, max) })),
  },
  {
    breaks: 8,
    how: 'forgets what is done',
    mutate: withStore((store) => ({
      settle: (id, outcome) => store.settle(id, outcome === 'done' ? { dueAtMs: 0, attempts: 0 } : outcome),
    })),
  },
  {
    breaks: 9,
    how: 'drops nothing',
    mutate: withStore(() => ({ sweep: async () => ({ dropped: 0 }) })),
  },
  {
    breaks: 9,
    how: 'drops before the retention is over',
    mutate: withStore((store) => ({ sweep: (nowMs, retentionMs) => store.sweep(nowMs + 10, retentionMs) })),
  },
];

/** The store with some methods of its own; the others go to the real one, `apply` through `applyAll` as there. */
function withStore(broken: (store: ActionStore) => Partial<ActionStore>): StoreMutant['mutate'] {
  const wrap = (store: ActionStore): ActionStore => {
    const own: Partial<ActionStore> = broken(store);
    const { applyAll } = own;
    const all: Partial<ActionStore> = applyAll
      ? { apply: async (alert, nowMs) => (await applyAll([alert], nowMs))[0]!, ...own }
      : own;
    return new Proxy(store, {
      get(target, name) {
        const found: unknown = Reflect.get(all, name) ?? Reflect.get(target, name);
        return typeof found === 'function' ? found.bind(name in all ? all : target) : found;
      },
    });
  };
  return (underTest) => ({
    store: wrap(underTest.store),
    afterKill: async () => wrap(await underTest.afterKill()),
  });
}
