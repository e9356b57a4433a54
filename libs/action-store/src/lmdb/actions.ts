import { ACTION_KINDS, type Action, type ActionKind, type Alert, type AppliedAlert } from '@watchkeeper/domain';
import type { Applied, KnownAction } from '../action-store';
import { listAlert } from './listing';
import { keyOf, type Tables, type Undo } from './tables';

/** Live actions of one kind that a subject's answer holds at most. */
const IN_FORCE_PER_KIND_MAX = 200;
/** Sorts after every instant. */
const NEVER_MS = Number.MAX_SAFE_INTEGER;

// Everything here but `actionsInForce` and `findAction` runs inside a write transaction. A throw there would not take
// back what was written before it, so nothing is written until everything that can throw is done.

/** An alert that is known changes nothing; an action that is known (out of a replay) stays as it is. */
export function applyAlert(tables: Tables, alert: Alert, appliedAtMs: number): Applied {
  const known = tables.alerts.get(keyOf(alert.tenant, alert.id));
  if (known) return { isFirst: false, alert: known, actions: actionsOf(tables, known) };

  const before = alert.actions.map((planned) => tables.actions.get(keyOf(alert.tenant, planned.id)));
  const appliedAt = before.find((action) => action)?.appliedAt ?? new Date(appliedAtMs).toISOString();
  const applied: AppliedAlert = { ...alert, appliedAt };
  const actions = actionsOf(tables, applied);
  for (const action of actions) putAction(tables, action);
  putAlert(tables, applied);
  return { isFirst: true, alert: applied, actions };
}

function putAlert(tables: Tables, alert: AppliedAlert): void {
  const key = keyOf(alert.tenant, alert.id);
  tables.alerts.putSync(key, alert);
  listAlert(tables, alert, key);
  const endsAtMs = endOfAlertMs(tables, alert);
  if (endsAtMs !== NEVER_MS) tables.endings.putSync([endsAtMs, 'alert', key], 1);
}

/** Puts an action in force, unless it is known already or was undone. */
export function putAction(tables: Tables, action: Action): void {
  const key = keyOf(action.tenant, action.id);
  if (tables.actions.doesExist(key)) return;
  tables.actions.putSync(key, action);
  const undo = tables.undos.get(key);
  if (!undo && action.kind !== 'notify') tables.inForce.putSync(inForceKey(action, key), action);
  const endsAtMs = endOfActionMs(action, undo);
  if (endsAtMs !== NEVER_MS) tables.endings.putSync([endsAtMs, 'action', key], 1);
}

/** false when it was undone before: the first undo stays. */
export function undoAction(tables: Tables, undo: Undo): boolean {
  const key = keyOf(undo.tenant, undo.actionId);
  if (tables.undos.doesExist(key)) return false;
  tables.undos.putSync(key, undo);
  const action = tables.actions.get(key);
  if (!action) {
    tables.endings.putSync([Date.parse(undo.undoneAt), 'undo', key], 1);
    return true;
  }
  tables.inForce.removeSync(inForceKey(action, key));
  // What would never have ended has ended now, and with it perhaps its alert.
  if (action.expiresAt === null) {
    tables.endings.putSync([endOfActionMs(action, undo), 'action', key], 1);
    const alertKey = keyOf(action.tenant, action.alertId);
    const alert = tables.alerts.get(alertKey);
    const endsAtMs = alert ? endOfAlertMs(tables, alert) : NEVER_MS;
    if (endsAtMs !== NEVER_MS) tables.endings.putSync([endsAtMs, 'alert', alertKey], 1);
  }
  return true;
}

export function dropAction(tables: Tables, key: string): void {
  const action = tables.actions.get(key);
  if (action) tables.inForce.removeSync(inForceKey(action, key));
  tables.actions.removeSync(key);
  tables.undos.removeSync(key);
}

export function actionsInForce(tables: Tables, tenant: string, subject: string, nowMs: number): Action[] {
  const subjectKey = keyOf(tenant, subject);
  // Most subjects have nothing against them: one look tells.
  const [any] = tables.inForce.getKeys({ start: [subjectKey, 0], end: [subjectKey, Infinity], limit: 1 });
  if (!any) return [];
  const found: Action[] = [];
  for (const rank of KINDS_BY_RANK.keys()) {
    const live = tables.inForce.getRange({
      start: [subjectKey, rank],
      end: [subjectKey, rank, -nowMs],
      limit: IN_FORCE_PER_KIND_MAX,
    });
    for (const { value } of live) found.push(value);
  }
  return found;
}

export function findAction(tables: Tables, tenant: string, actionId: string): KnownAction | undefined {
  const key = keyOf(tenant, actionId);
  const action = tables.actions.get(key);
  const undo = action && tables.undos.get(key);
  return undo ? { ...action, undoneAt: undo.undoneAt, undoneReason: undo.reason } : action;
}

/** What forbids comes first: it must not be cut off by the bound of an answer. */
const KINDS_BY_RANK: readonly ActionKind[] = ACTION_KINDS.toSorted((a, b) => gravity(b) - gravity(a));

function gravity(kind: ActionKind): number {
  return kind === 'block' ? 2 : kind === 'hold' ? 1 : 0;
}

function inForceKey(action: Action, key: string): [string, number, number, string] {
  return [keyOf(action.tenant, action.subject), KINDS_BY_RANK.indexOf(action.kind), -instantMs(action.expiresAt), key];
}

/** As they are known, or as the alert plans them. Two plans with one id are one action. */
function actionsOf(tables: Tables, alert: AppliedAlert): Action[] {
  const actions = new Map<string, Action>();
  for (const { id, kind, subject, expiresAt } of alert.actions) {
    if (actions.has(id)) continue;
    const known = tables.actions.get(keyOf(alert.tenant, id));
    const { tenant, eventUid, eventId, conversationId, category, severity, appliedAt } = alert;
    const about = { tenant, alertId: alert.id, eventUid, eventId, conversationId, category, severity };
    actions.set(id, known ?? { id, kind, subject, ...about, appliedAt, expiresAt });
  }
  return [...actions.values()];
}

function endOfActionMs(action: Pick<Action, 'kind' | 'expiresAt' | 'appliedAt'>, undo: Undo | undefined): number {
  if (action.expiresAt !== null) return instantMs(action.expiresAt);
  if (action.kind === 'notify') return instantMs(action.appliedAt);
  return instantMs(undo?.undoneAt ?? null);
}

/** An instant that cannot be read is taken for never: an action too long is undone, one that is missing harms. */
function instantMs(at: string | null): number {
  const ms = at === null ? Number.NaN : Date.parse(at);
  return Number.isNaN(ms) ? NEVER_MS : ms;
}

/** An alert is kept as long as one of its actions may be in force. */
function endOfAlertMs(tables: Tables, alert: AppliedAlert): number {
  const ends = alert.actions.map(({ id, kind, expiresAt }) =>
    endOfActionMs({ kind, expiresAt, appliedAt: alert.appliedAt }, tables.undos.get(keyOf(alert.tenant, id))),
  );
  return Math.max(Date.parse(alert.appliedAt), ...ends);
}
