import { DomainError } from './errors';

/** ISO 8601 weeks in UTC: they start on Monday, and week 1 holds the year's first Thursday. */
export type WeekId = `${number}-W${number}`;

const DAY_MS = 86_400_000;
export const WEEK_MS = 7 * DAY_MS;

/** The week of an instant (ms since the epoch), e.g. `2026-W47`. */
export function weekOf(atMs: number): WeekId {
  const monday = mondayOf(atMs);
  const year = new Date(monday + 3 * DAY_MS).getUTCFullYear();
  const number = 1 + Math.round((monday - mondayOf(Date.UTC(year, 0, 4))) / WEEK_MS);
  return `${year}-W${String(number).padStart(2, '0')}` as WeekId;
}

/** First instant of the week and the first after it, ms. Throws `bad-week` for a week that does not exist. */
export function weekBounds(week: string): { readonly startMs: number; readonly endMs: number } {
  const match = /^(\d{4})-W(\d{2})$/.exec(week);
  const startMs = match ? mondayOf(Date.UTC(Number(match[1]), 0, 4)) + (Number(match[2]) - 1) * WEEK_MS : Number.NaN;
  if (!match || weekOf(startMs) !== week) {
    throw new DomainError('bad-week', 'not an ISO week: write it as 2026-W47; a year has 52 or 53 weeks');
  }
  return { startMs, endMs: startMs + WEEK_MS };
}

/** The week `count` weeks later (earlier when negative). */
export function addWeeks(week: string, count: number): WeekId {
  return weekOf(weekBounds(week).startMs + count * WEEK_MS);
}

function mondayOf(atMs: number): number {
  const day = Math.floor(atMs / DAY_MS);
  // Day 0 of the epoch was a Thursday, three days after its Monday.
  return (day - ((((day + 3) % 7) + 7) % 7)) * DAY_MS;
}
