import { setImmediate as nextTurn } from 'node:timers/promises';
import { DomainError, SEVERITIES, type AppliedAlert } from '@watchkeeper/domain';
import type { AlertFilter, AlertPage } from '../action-store';
import { keyOf, type ListedAlert, type Tables } from './tables';

/** Entries looked at in one go, so that a search never holds up an enforcement by more than a few ms. */
const SLICE_ENTRIES_MAX = 500;
/** Entries looked at for one page: a filter that matches little gives a short page and a cursor to go on from. */
const PAGE_ENTRIES_MAX = 10_000;

type Place = readonly [negatedAtMs: number, alertKey: string];

/** Writes the alert into every list it belongs to. Inside a transaction. */
export function listAlert(tables: Tables, alert: AppliedAlert, key: string): void {
  const entry: ListedAlert = [alert.category, alert.severity];
  for (const list of listsOf(alert)) tables.lists.putSync([list, -Date.parse(alert.appliedAt), key], entry);
}

export function dropAlert(tables: Tables, key: string): void {
  const alert = tables.alerts.get(key);
  if (!alert) return;
  for (const list of listsOf(alert)) tables.lists.removeSync([list, -Date.parse(alert.appliedAt), key]);
  tables.alerts.removeSync(key);
}

/**
 * Newest first. The order is that of (appliedAt, alert), fixed once written, so what comes in meanwhile moves nothing.
 * @throws DomainError `bad-cursor`
 */
export async function listAlerts(
  tables: Tables,
  tenant: string,
  filter: AlertFilter,
  page: { readonly size: number; readonly after?: string },
): Promise<AlertPage> {
  const list = listFor(tenant, filter);
  const alerts: AppliedAlert[] = [];
  let place = page.after === undefined ? undefined : readCursor(page.after);
  for (let seen = 0; seen < PAGE_ENTRIES_MAX; seen += SLICE_ENTRIES_MAX) {
    let inSlice = 0;
    for (const { key, value } of tables.lists.getRange({ ...bounds(list, filter, place), limit: SLICE_ENTRIES_MAX })) {
      const here: Place = [key[1], key[2]];
      // A range begins at the last place seen.
      inSlice++;
      if (place && here[0] === place[0] && here[1] === place[1]) continue;
      if (alerts.length === page.size) return { alerts, next: writeCursor(place ?? here) };
      place = here;
      const alert = isListed(value, filter) ? tables.alerts.get(key[2]) : undefined;
      if (alert && matches(alert, filter)) alerts.push(alert);
    }
    if (inSlice < SLICE_ENTRIES_MAX) return { alerts };
    await nextTurn();
  }
  return place ? { alerts, next: writeCursor(place) } : { alerts };
}

function bounds(list: string, { fromMs = -Infinity, toMs = Infinity }: AlertFilter, place: Place | undefined) {
  const newest: [string, number, string] = [list, Number.isFinite(toMs) ? 1 - toMs : -Infinity, ''];
  const start: [string, number, string] = place && place[0] >= newest[1] ? [list, ...place] : newest;
  const end: [string, number, string] = [list, Number.isFinite(fromMs) ? 1 - fromMs : Infinity, ''];
  return { start, end };
}

function listsOf({ tenant, eventId, userId, conversationId }: AppliedAlert): string[] {
  return [
    keyOf('all', tenant),
    keyOf('event', tenant, eventId),
    ...(userId === undefined ? [] : [keyOf('user', tenant, userId)]),
    keyOf('conversation', tenant, conversationId),
  ];
}

/** The shortest list that holds all that can match. */
function listFor(tenant: string, { eventId, userId, conversationId }: AlertFilter): string {
  if (eventId !== undefined) return keyOf('event', tenant, eventId);
  if (conversationId !== undefined) return keyOf('conversation', tenant, conversationId);
  if (userId !== undefined) return keyOf('user', tenant, userId);
  return keyOf('all', tenant);
}

function isListed([category, severity]: ListedAlert, filter: AlertFilter): boolean {
  if (filter.category !== undefined && category !== filter.category) return false;
  return filter.severityFrom === undefined || SEVERITIES.indexOf(severity) >= SEVERITIES.indexOf(filter.severityFrom);
}

function matches(alert: AppliedAlert, { eventId, userId, conversationId }: AlertFilter): boolean {
  return (
    (eventId === undefined || alert.eventId === eventId) &&
    (userId === undefined || alert.userId === userId) &&
    (conversationId === undefined || alert.conversationId === conversationId)
  );
}

function writeCursor(place: Place): string {
  return Buffer.from(JSON.stringify(place)).toString('base64url');
}

function readCursor(cursor: string): Place {
  const place = jsonOf(Buffer.from(cursor, 'base64url').toString());
  if (!Array.isArray(place) || place.length !== 2) throw badCursor();
  const [negatedAtMs, alertKey] = place as readonly unknown[];
  if (typeof negatedAtMs !== 'number' || typeof alertKey !== 'string' || alertKey.length > 22) throw badCursor();
  return [negatedAtMs, alertKey];
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badCursor();
  }
}

function badCursor(): DomainError {
  return new DomainError('bad-cursor', 'the cursor is not one that this service gave');
}
