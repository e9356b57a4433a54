/**
 * Each metric is defined once, as data, and interpreted twice: `measure` (here, for the stream) and
 * `metric-sql` in libs/lakehouse (for the batch). test/contracts/metric-parity holds the two together.
 */

/** The rows a metric is measured over: one per turn, one per (turn or conversation, rater, question). */
export type FactTable = 'turns' | 'evaluations';

/** One condition on a column. A null column meets no condition but `isNull`. */
export type Filter =
  | { readonly column: string; readonly is: string | number | boolean }
  | { readonly column: string; readonly oneOf: readonly string[] }
  | { readonly column: string; readonly atLeast: number }
  | { readonly column: string; readonly isNull: boolean };

interface MetricBase {
  readonly name: string;
  readonly unit: 'count' | 'proportion' | 'points' | 'ms';
  readonly over: FactTable;
  /** Which rows are looked at; all of these conditions. */
  readonly where: readonly Filter[];
}

export type Metric =
  /** How many rows, or how many distinct values of a column. */
  | (MetricBase & { readonly kind: 'count'; readonly distinct?: string })
  /** The share of the rows that also meet `of`. */
  | (MetricBase & { readonly kind: 'ratio'; readonly of: readonly Filter[] })
  /** The mean of a numeric column, nulls left out. */
  | (MetricBase & { readonly kind: 'mean'; readonly column: string })
  /** The nearest-rank quantile (0 < q <= 1) of a numeric column, nulls left out. */
  | (MetricBase & { readonly kind: 'quantile'; readonly column: string; readonly q: number });

/** Sufficient for an estimate and its interval. For a count, `value` = `n`. `value` is null when n = 0. */
export interface Measurement {
  readonly n: number;
  readonly value: number | null;
  /** Sum and sum of squares of what was averaged: for ratio the 0/1 of each row, for mean the column. */
  readonly sum: number;
  readonly sumOfSquares: number;
}

export type FactRow = Readonly<Record<string, string | number | boolean | null | undefined>>;

const ratingOf = (question: string): readonly Filter[] => [{ column: 'question', is: question }];

/** What the weekly report shows. A new metric is one entry. */
export const METRICS = {
  conversations: {
    name: 'conversations',
    unit: 'count',
    over: 'turns',
    kind: 'count',
    where: [],
    distinct: 'conversation_key',
  },
  turns: { name: 'turns', unit: 'count', over: 'turns', kind: 'count', where: [] },
  judged: { name: 'judged', unit: 'count', over: 'turns', kind: 'count', where: [{ column: 'outcome', is: 'scored' }] },
  unclassified: {
    name: 'unclassified',
    unit: 'count',
    over: 'turns',
    kind: 'count',
    where: [{ column: 'outcome', is: 'unclassified' }],
  },
  alerts: {
    name: 'alerts',
    unit: 'count',
    over: 'turns',
    kind: 'count',
    where: [{ column: 'alert_id', isNull: false }],
  },
  actedOn: { name: 'actedOn', unit: 'count', over: 'turns', kind: 'count', where: [{ column: 'actions', atLeast: 1 }] },
  alertRate: {
    name: 'alertRate',
    unit: 'proportion',
    over: 'turns',
    kind: 'ratio',
    where: [],
    of: [{ column: 'alert_id', isNull: false }],
  },
  actionRate: {
    name: 'actionRate',
    unit: 'proportion',
    over: 'turns',
    kind: 'ratio',
    where: [],
    of: [{ column: 'actions', atLeast: 1 }],
  },
  timeToActionMsP50: {
    name: 'timeToActionMsP50',
    unit: 'ms',
    over: 'turns',
    kind: 'quantile',
    where: [],
    column: 'time_to_action_ms',
    q: 0.5,
  },
  timeToActionMsP99: {
    name: 'timeToActionMsP99',
    unit: 'ms',
    over: 'turns',
    kind: 'quantile',
    where: [],
    column: 'time_to_action_ms',
    q: 0.99,
  },
  evaluations: { name: 'evaluations', unit: 'count', over: 'evaluations', kind: 'count', where: [] },
  accuracy: {
    name: 'accuracy',
    unit: 'proportion',
    over: 'evaluations',
    kind: 'ratio',
    where: ratingOf('accuracy'),
    of: [{ column: 'value_boolean', is: true }],
  },
  hallucinationRate: {
    name: 'hallucinationRate',
    unit: 'proportion',
    over: 'evaluations',
    kind: 'ratio',
    where: ratingOf('hallucination'),
    of: [{ column: 'value_boolean', is: true }],
  },
  satisfaction: {
    name: 'satisfaction',
    unit: 'points',
    over: 'evaluations',
    kind: 'mean',
    where: ratingOf('satisfaction'),
    column: 'value_number',
  },
} as const satisfies Record<string, Metric>;

export type MetricName = keyof typeof METRICS;

/** Interprets a metric over rows in memory. The batch's interpreter must give the same numbers. */
export function measure(metric: Metric, rows: Iterable<FactRow>): Measurement {
  const seen = [...rows].filter((row) => meetsAll(row, metric.where));
  switch (metric.kind) {
    case 'count':
      return countOf(
        metric.distinct ? new Set(seen.map((row) => row[metric.distinct!]).filter(isPresent)).size : seen.length,
      );
    case 'ratio':
      return momentsOf(seen.map((row) => (meetsAll(row, metric.of) ? 1 : 0)));
    case 'mean':
      return momentsOf(numbersOf(seen, metric.column));
    case 'quantile': {
      const sorted = numbersOf(seen, metric.column).toSorted((a, b) => a - b);
      const rank = Math.max(0, Math.ceil(metric.q * sorted.length) - 1);
      return { ...momentsOf(sorted), value: sorted[rank] ?? null };
    }
    default:
      return metric satisfies never;
  }
}

function countOf(n: number): Measurement {
  return { n, value: n, sum: n, sumOfSquares: n };
}

function momentsOf(values: readonly number[]): Measurement {
  const sum = values.reduce((total, value) => total + value, 0);
  const sumOfSquares = values.reduce((total, value) => total + value * value, 0);
  return { n: values.length, value: values.length === 0 ? null : sum / values.length, sum, sumOfSquares };
}

function numbersOf(rows: readonly FactRow[], column: string): number[] {
  return rows.map((row) => row[column]).filter((value) => typeof value === 'number');
}

function meetsAll(row: FactRow, filters: readonly Filter[]): boolean {
  return filters.every((filter) => meets(row[filter.column], filter));
}

function meets(value: FactRow[string], filter: Filter): boolean {
  if ('isNull' in filter) return isPresent(value) !== filter.isNull;
  if (!isPresent(value)) return false;
  if ('is' in filter) return value === filter.is;
  if ('oneOf' in filter) return typeof value === 'string' && filter.oneOf.includes(value);
  return typeof value === 'number' && value >= filter.atLeast;
}

function isPresent<T>(value: T | null | undefined): value is T {
  return value !== null && value !== undefined;
}
