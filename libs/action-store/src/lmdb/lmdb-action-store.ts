import { DomainError, type Action, type ActionChange, type Alert, type AppliedAlert } from '@watchkeeper/domain';
import {
  ActionStore,
  type AlertFilter,
  type AlertPage,
  type Applied,
  type Delivery,
  type KnownAction,
} from '../action-store';
import { actionsInForce, applyAlert, dropAction, findAction, putAction, undoAction } from './actions';
import { claimDeliveries, enqueueDelivery, isAnyDue, settleDelivery } from './deliveries';
import { dropAlert, listAlerts } from './listing';
import { clearTables, keyOf, openTables, type Ending, type Tables } from './tables';

export interface LmdbActionStoreSettings {
  /** A folder of its own; made when it is not there. */
  readonly dir: string;
}

/** Things dropped in one transaction of `sweep`: others wait at most as long as that takes. */
const SWEEP_DROPPED_MAX = 500;

/**
 * The action store in one LMDB environment. Every write is one transaction, synced before it resolves; calls that come
 * together share a commit. Reads are a look into mapped memory: an enforcement is answered in microseconds.
 */
export class LmdbActionStore extends ActionStore {
  private isClosed = false;
  private readonly writes = new Set<Promise<unknown>>();

  private constructor(private readonly tables: Tables) {
    super();
  }

  /** @throws DomainError `action-store-format` when another version of this code wrote the store. */
  static async open({ dir }: LmdbActionStoreSettings): Promise<LmdbActionStore> {
    return new LmdbActionStore(await openTables(dir));
  }

  async apply(alert: Alert, nowMs: number): Promise<Applied> {
    const [applied] = await this.applyAll([alert], nowMs);
    return applied!;
  }

  async applyAll(alerts: readonly Alert[], nowMs: number): Promise<readonly Applied[]> {
    if (alerts.length === 0) return [];
    return this.write((tables) => alerts.map((alert) => applyAlert(tables, alert, nowMs)));
  }

  async inForce(tenant: string, subject: string, nowMs: number): Promise<readonly Action[]> {
    return actionsInForce(this.opened(), tenant, subject, nowMs);
  }

  async action(tenant: string, actionId: string): Promise<KnownAction | undefined> {
    return findAction(this.opened(), tenant, actionId);
  }

  async undo(change: Extract<ActionChange, { change: 'undone' }>): Promise<boolean> {
    return this.write((tables) => undoAction(tables, change));
  }

  async alert(tenant: string, alertId: string): Promise<AppliedAlert | undefined> {
    return this.opened().alerts.get(keyOf(tenant, alertId));
  }

  async alerts(
    tenant: string,
    filter: AlertFilter,
    page: { readonly size: number; readonly after?: string },
  ): Promise<AlertPage> {
    return listAlerts(this.opened(), tenant, filter, page);
  }

  async replay(
    items: readonly ({ readonly alert: AppliedAlert } | { readonly change: ActionChange })[],
  ): Promise<void> {
    await this.write((tables) => {
      for (const item of items) replayItem(tables, item);
    });
  }

  async builtFrom(): Promise<string | undefined> {
    const found = this.opened().meta.get('built-from');
    return found === undefined ? undefined : String(found);
  }

  async setBuiltFrom(logIdentity: string): Promise<void> {
    await this.write((tables) => tables.meta.putSync('built-from', logIdentity));
  }

  async enqueue(deliveries: readonly Delivery[]): Promise<void> {
    if (deliveries.length === 0) return;
    await this.write((tables) => {
      for (const delivery of deliveries) enqueueDelivery(tables, delivery);
    });
  }

  async claim(nowMs: number, leaseMs: number, max: number): Promise<readonly Delivery[]> {
    if (!isAnyDue(this.opened(), nowMs)) return [];
    return this.write((tables) => claimDeliveries(tables, nowMs, leaseMs, max));
  }

  async settle(id: string, outcome: 'done' | { readonly dueAtMs: number; readonly attempts: number }): Promise<void> {
    await this.write((tables) => settleDelivery(tables, id, outcome));
  }

  async pendingDeliveries(): Promise<number> {
    return this.opened().due.getCount();
  }

  async sweep(nowMs: number, retentionMs: number): Promise<{ readonly dropped: number }> {
    let dropped = 0;
    for (;;) {
      const inOneGo = await this.write((tables) => dropEnded(tables, nowMs - retentionMs));
      dropped += inOneGo;
      if (inOneGo < SWEEP_DROPPED_MAX) return { dropped };
    }
  }

  async clear(): Promise<void> {
    await this.write(clearTables);
  }

  /** Writes, as everything else does: a full disk shows here. */
  async check(): Promise<void> {
    await this.write((tables) => tables.meta.putSync('checked', 1));
  }

  async close(): Promise<void> {
    if (this.isClosed) return;
    this.isClosed = true;
    await Promise.allSettled(this.writes);
    await this.tables.root.close();
  }

  private async write<T>(effect: (tables: Tables) => T): Promise<T> {
    const tables = this.opened();
    const written = tables.root.transaction(() => effect(tables));
    this.writes.add(written);
    try {
      return await written;
    } catch (cause) {
      throw new DomainError('action-store-write', 'the action store could not write', { cause });
    } finally {
      this.writes.delete(written);
    }
  }

  // The driver would read unmapped memory.
  private opened(): Tables {
    if (this.isClosed) throw new DomainError('action-store-closed', 'the action store is closed');
    return this.tables;
  }
}

function replayItem(tables: Tables, item: { readonly alert: AppliedAlert } | { readonly change: ActionChange }): void {
  if ('alert' in item) {
    applyAlert(tables, item.alert, Date.parse(item.alert.appliedAt));
  } else if (item.change.change === 'undone') {
    undoAction(tables, item.change);
  } else {
    putAction(tables, item.change.action);
  }
}

function dropEnded(tables: Tables, endedBeforeMs: number): number {
  const ended = [...tables.endings.getKeys({ end: [endedBeforeMs, 'action', ''], limit: SWEEP_DROPPED_MAX })];
  for (const ending of ended) {
    tables.endings.removeSync(ending);
    drop(tables, ending[1], ending[2]);
  }
  return ended.length;
}

function drop(tables: Tables, what: Ending, key: string): void {
  switch (what) {
    case 'alert':
      return dropAlert(tables, key);
    case 'action':
      return dropAction(tables, key);
    case 'undo':
      // Its action has come meanwhile: they go together, later.
      if (!tables.actions.doesExist(key)) tables.undos.removeSync(key);
      return;
    case 'delivery':
      tables.deliveries.removeSync(key);
      return;
    default:
      what satisfies never;
  }
}
