import { hash } from 'node:crypto';
import { open, type Database, type RootDatabase } from 'lmdb';
import { DomainError, type Action, type ActionChange, type AppliedAlert } from '@watchkeeper/domain';
import type { Delivery } from '../action-store';

/** Raised when the layout below changes; a store of another format is refused and rebuilt from the log. */
const FORMAT_VERSION = 1;
const DATABASES_MAX = 16;

export type Undo = Extract<ActionChange, { change: 'undone' }>;

/** What a list needs to filter without reading the alert. */
export type ListedAlert = readonly [category: AppliedAlert['category'], severity: AppliedAlert['severity']];

export interface StoredDelivery {
  readonly delivery: Delivery;
  /** Where it stands in the due index: its due time or the end of its lease; null once done. */
  readonly queuedAtMs: number | null;
}

/** What ends some day, and is dropped by `sweep` after the retention. */
export type Ending = 'alert' | 'action' | 'undo' | 'delivery';

/** The tables of one LMDB environment. Keys are digests, so an id of any length fits LMDB's bound on keys. */
export interface Tables {
  readonly root: RootDatabase;
  /** `format`, `built-from`. */
  readonly meta: Database<string | number, string>;
  /** By (tenant, alert id). */
  readonly alerts: Database<AppliedAlert, string>;
  /** By [list, -appliedAtMs, alert]: newest first; one list a tenant, event, user and conversation. */
  readonly lists: Database<ListedAlert, [string, number, string]>;
  /** By (tenant, action id). */
  readonly actions: Database<Action, string>;
  /** By (tenant, action id): the first undo. Outlives a replay in which it comes before its action. */
  readonly undos: Database<Undo, string>;
  /** By [(tenant, subject), rank of kind, -expiresAtMs, action]: the live ones of a kind are a prefix. */
  readonly inForce: Database<Action, [string, number, number, string]>;
  /** By delivery id. */
  readonly deliveries: Database<StoredDelivery, string>;
  /** By [queuedAtMs, delivery]. */
  readonly due: Database<1, [number, string]>;
  /** By [endsAtMs, what, its key]. */
  readonly endings: Database<1, [number, Ending, string]>;
}

/** @throws DomainError `action-store-format` when another version of this code wrote the store. */
export async function openTables(dir: string): Promise<Tables> {
  // Without overlappingSync a commit resolves only once it is on disk.
  const root = open({
    path: dir,
    maxDbs: DATABASES_MAX,
    overlappingSync: false,
    eventTurnBatching: false,
    encoding: 'json',
  });
  const table = <V, K extends string | (string | number)[]>(name: string) =>
    root.openDB<V, K>({ name, encoding: 'json' });
  const tables: Tables = {
    root,
    meta: table('meta'),
    alerts: table('alerts'),
    lists: table('lists'),
    actions: table('actions'),
    undos: table('undos'),
    inForce: table('in-force'),
    deliveries: table('deliveries'),
    due: table('due'),
    endings: table('endings'),
  };
  const format = await root.transaction(() => {
    const found = tables.meta.get('format');
    if (found === undefined) tables.meta.putSync('format', FORMAT_VERSION);
    return found ?? FORMAT_VERSION;
  });
  if (format !== FORMAT_VERSION) {
    await root.close();
    throw new DomainError('action-store-format', `the action store has format ${format}, not ${FORMAT_VERSION}`);
  }
  return tables;
}

/** Call inside a transaction. */
export function clearTables(tables: Tables): void {
  for (const table of [
    tables.meta,
    tables.alerts,
    tables.lists,
    tables.actions,
    tables.undos,
    tables.inForce,
    tables.deliveries,
    tables.due,
    tables.endings,
  ]) {
    table.clearSync();
  }
  tables.meta.putSync('format', FORMAT_VERSION);
}

/** 132 bits of SHA-256 over the parts; JSON keeps ('a', 'bc') and ('ab', 'c') apart. */
export function keyOf(...parts: readonly string[]): string {
  return hash('sha256', JSON.stringify(parts), 'base64url').slice(0, 22);
}
