import { TOPICS } from '@watchkeeper/domain';
import type { LakeCounts, Lakehouse } from '@watchkeeper/lakehouse';

/** Two counts that must be equal. */
export interface Check {
  readonly what: string;
  readonly expected: number;
  readonly found: number;
  readonly agrees: boolean;
}

/** What every report says of the whole lake; read once for all reports that are built from it. */
export interface LakeState {
  readonly checks: readonly Check[];
  readonly totals: { readonly log: number; readonly bronze: number; readonly silver: number; readonly gold: number };
  readonly snapshots: Readonly<Record<string, string>>;
  readonly freshestMs: number | undefined;
  /** Nothing waits in the log. */
  readonly isCaughtUp: boolean;
}

export const GOLD_TABLE = 'gold.weekly_quality';

export async function readLakeState(lakehouse: Lakehouse, isCaughtUp: boolean): Promise<LakeState> {
  const [counts, snapshots, freshestMs] = await Promise.all([
    lakehouse.counts(),
    lakehouse.snapshots(),
    lakehouse.freshestMs(),
  ]);
  const events = counts.bronze.find(({ topic }) => topic === TOPICS.events);
  return {
    checks: checksOf(counts),
    totals: {
      log: sum(events?.offsets ?? []),
      bronze: events?.rows ?? 0,
      silver: counts.turns.silver,
      gold: counts.turns.gold,
    },
    snapshots,
    freshestMs,
    isCaughtUp,
  };
}

/** Offsets of a partition rise by one from 0, so their sum is the number of records the log has had up to there. */
export function checksOf({ bronze, turns, evaluations }: LakeCounts): readonly Check[] {
  return [
    ...bronze.flatMap(({ topic, rows, distinct, offsets }) => [
      check(`${topic}: records of the log = rows of bronze`, sum(offsets), rows),
      check(`${topic}: rows of bronze, each once`, rows, distinct),
    ]),
    check('turns: bronze = silver', turns.bronze, turns.silver),
    check('turns: rows of silver, each once', turns.silver, turns.silverDistinct),
    check('turns: silver = gold', turns.silver, turns.gold),
    check('evaluations: bronze = silver', evaluations.bronze, evaluations.silver),
    check('evaluations: rows of silver, each once', evaluations.silver, evaluations.silverDistinct),
  ];
}

export function check(what: string, expected: number, found: number): Check {
  return { what, expected, found, agrees: expected === found };
}

export function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
