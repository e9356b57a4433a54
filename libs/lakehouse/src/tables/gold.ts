import { CATEGORIES, METRICS, type Metric } from '@watchkeeper/domain';
import type { Column, TableDefinition } from './definition';

/** `timeToActionMsP50` is the column `time_to_action_ms_p50`. */
export const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

export const metricList: readonly Metric[] = Object.values(METRICS);

/** The columns that hold a metric's measurement. Counts are one column; the others keep what an interval needs. */
export function metricColumns(metric: Metric): readonly Column[] {
  const name = snakeCase(metric.name);
  if (metric.kind === 'count') return [{ name, type: 'long' }];
  const moments: Column[] = [
    { name: `${name}_n`, type: 'long' },
    { name: `${name}_sum`, type: 'double' },
    { name: `${name}_sum_of_squares`, type: 'double' },
  ];
  return metric.kind === 'quantile' ? [{ name, type: 'double' }, ...moments] : moments;
}

/** What a row of gold is about besides its tenant and week. */
export const SEGMENT = ['model_provider', 'model_name', 'model_version', 'surface', 'language'] as const;
export const MODEL_SEGMENT = ['model_provider', 'model_name', 'model_version'] as const;

const MEASURES: readonly Column[] = [
  ...metricList.flatMap(metricColumns),
  ...CATEGORIES.flatMap((category): Column[] => [
    { name: `alerts_${category}`, type: 'long' },
    { name: `acted_on_${category}`, type: 'long' },
  ]),
];

const text = (name: string): Column => ({ name, type: 'string' });

export const GOLD_QUALITY: TableDefinition = {
  id: 'gold.weekly_quality',
  doc: 'Quality by ISO week (UTC) of when it was said, model, surface and language',
  columns: [text('week'), text('tenant'), ...SEGMENT.map(text), ...MEASURES],
  partition: { column: 'week', transform: 'identity' },
  rowGroupRows: 61_440,
};

/** Distinct counts and quantiles do not add up over segments, so the totals are a table of their own. */
export const GOLD_TOTALS: TableDefinition = {
  id: 'gold.weekly_totals',
  doc: 'The same over all of a week (grain all) and by model (grain model)',
  columns: [
    text('week'),
    text('tenant'),
    { name: 'grain', type: 'string', doc: 'all, model' },
    ...MODEL_SEGMENT.map(text),
    ...MEASURES,
    { name: 'safety_model_sha256', type: 'string', doc: 'JSON array: the safety models that judged' },
    { name: 'policy_hash', type: 'string', doc: 'JSON array: the policies judged by' },
  ],
  partition: { column: 'week', transform: 'identity' },
  rowGroupRows: 61_440,
};
