import type { WeekId } from '@watchkeeper/domain';
import type { Table, TableMetadata } from '../iceberg';
import { propertyOf } from './lake';

/**
 * Weeks whose gold is behind, kept in a property of silver so that no crash forgets them: `{"2026-W47": {"acme": 12}}`,
 * 12 being the sequence number of the commit that opened it. Gold says up to which commit of each table it has been
 * built: `{"silver.turns": 12}`.
 */
export const OPEN_WEEKS = 'watchkeeper.open-weeks';
export const BUILT = 'watchkeeper.built-from';

export type OpenWeeks = Readonly<Record<string, Readonly<Record<string, number>>>>;
export type Built = Readonly<Record<string, number>>;

export interface TenantWeek {
  readonly tenant: string;
  readonly week: WeekId;
}

const openWeeksOf = (table: Pick<Table, 'metadata'>): OpenWeeks => propertyOf<OpenWeeks>(table, OPEN_WEEKS, {});

export const builtFrom = (gold: Pick<Table, 'metadata'>): Built => propertyOf<Built>(gold, BUILT, {});

export const builtNow = (silver: readonly Table[]): Built =>
  Object.fromEntries(silver.map(({ id, metadata }) => [id, Number(metadata['last-sequence-number'])]));

/** The property for a commit that opens weeks and must have files; weeks that gold has built since are dropped. */
export function withOpened(metadata: TableMetadata, opened: readonly TenantWeek[], built: number): string {
  const weeks: Record<string, Record<string, number>> = {};
  for (const { tenant, week, number } of entriesOf(openWeeksOf({ metadata }))) {
    if (number > built) (weeks[week] ??= {})[tenant] = number;
  }
  const number = Number(metadata['last-sequence-number']) + 1;
  for (const { tenant, week } of opened) (weeks[week] ??= {})[tenant] = number;
  return JSON.stringify(weeks);
}

/** Weeks that gold has to build, oldest first. */
export function dueWeeks(silver: readonly Table[], built: Built): readonly TenantWeek[] {
  const due = new Map<string, TenantWeek>();
  for (const table of silver) {
    for (const { tenant, week, number } of entriesOf(openWeeksOf(table))) {
      if (number > (built[table.id] ?? 0)) due.set(`${week} ${tenant}`, { tenant, week });
    }
  }
  return [...due.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, entry]) => entry);
}

function entriesOf(open: OpenWeeks): (TenantWeek & { readonly number: number })[] {
  return Object.entries(open).flatMap(([week, tenants]) =>
    // Only weeks as written by weekSql stand here.
    Object.entries(tenants).map(([tenant, number]) => ({ tenant, week: week as WeekId, number })),
  );
}
