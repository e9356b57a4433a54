import type { Delivery } from '../action-store';
import { keyOf, type Tables } from './tables';

// All of this but `isAnyDue` runs inside a write transaction: whoever claims is alone with the queue.

/** One whose id is known, waiting or done, is left as it is: its alert was delivered again. */
export function enqueueDelivery(tables: Tables, delivery: Delivery): void {
  const key = keyOf(delivery.id);
  if (tables.deliveries.doesExist(key)) return;
  tables.deliveries.putSync(key, { delivery, queuedAtMs: delivery.dueAtMs });
  tables.due.putSync([delivery.dueAtMs, key], 1);
}

export function isAnyDue(tables: Tables, nowMs: number): boolean {
  const [first] = tables.due.getKeys({ limit: 1 });
  return first !== undefined && first[0] <= nowMs;
}

/** A lease is a later place in the queue: when it ends without a word, the delivery is simply due again. */
export function claimDeliveries(tables: Tables, nowMs: number, leaseMs: number, max: number): Delivery[] {
  const due = [...tables.due.getKeys({ end: [nowMs + 1, ''], limit: max })];
  return due.flatMap(([queuedAtMs, key]) => {
    const stored = tables.deliveries.get(key);
    tables.due.removeSync([queuedAtMs, key]);
    if (!stored) return [];
    tables.deliveries.putSync(key, { delivery: stored.delivery, queuedAtMs: nowMs + leaseMs });
    tables.due.putSync([nowMs + leaseMs, key], 1);
    return [stored.delivery];
  });
}

export function settleDelivery(
  tables: Tables,
  id: string,
  outcome: 'done' | { readonly dueAtMs: number; readonly attempts: number },
): void {
  const key = keyOf(id);
  const stored = tables.deliveries.get(key);
  if (!stored || stored.queuedAtMs === null) return;
  tables.due.removeSync([stored.queuedAtMs, key]);
  if (outcome === 'done') {
    // Remembered without its body, so that the same delivery is not queued anew.
    tables.deliveries.putSync(key, { delivery: { ...stored.delivery, body: '' }, queuedAtMs: null });
    tables.endings.putSync([stored.queuedAtMs, 'delivery', key], 1);
  } else {
    tables.deliveries.putSync(key, { delivery: { ...stored.delivery, ...outcome }, queuedAtMs: outcome.dueAtMs });
    tables.due.putSync([outcome.dueAtMs, key], 1);
  }
}
