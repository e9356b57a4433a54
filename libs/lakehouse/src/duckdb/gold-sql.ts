import { CATEGORIES, type FactTable } from '@watchkeeper/domain';
import { metricColumns, metricList, MODEL_SEGMENT, SEGMENT } from '../tables';
import { metricExpressions } from './metric-sql';
import { columnList, identifier, literal } from './sql';

const MEASURE_NAMES: readonly string[] = [
  ...metricList.flatMap((metric) => metricColumns(metric).map((column) => column.name)),
  ...CATEGORIES.flatMap((category) => [`alerts_${category}`, `acted_on_${category}`]),
];

const METRIC_TYPES = new Map(metricList.flatMap(metricColumns).map(({ name, type }) => [name, type]));

/** The measures that come from one table of facts; the others are null there. */
function measuresOver(facts: FactTable): ReadonlyMap<string, string> {
  const metrics = metricList.filter((metric) => metric.over === facts).flatMap(metricExpressions);
  const categories =
    facts === 'turns'
      ? CATEGORIES.flatMap((category) => [
          { column: `alerts_${category}`, sql: `count(*) FILTER (WHERE category = ${literal(category)})` },
          {
            column: `acted_on_${category}`,
            sql: `count(*) FILTER (WHERE category = ${literal(category)} AND actions >= 1)`,
          },
        ])
      : [];
  return new Map([...metrics, ...categories].map(({ column, sql }) => [column, sql]));
}

const DIMENSIONS = ['tenant', ...SEGMENT];
/** From the finest down: which rows of the result are which. */
const GRAINS = [
  { grain: 'segment', by: DIMENSIONS },
  { grain: 'model', by: ['tenant', ...MODEL_SEGMENT] },
  { grain: 'all', by: ['tenant'] },
] as const;

/**
 * The measures by segment, by model and over all, in one look at the rows of the relations `turns` and `evaluations`
 * (both with the segment's columns). Null is a value of a dimension like any other; one that a grain does not tell
 * apart is null as well, so `grain` says what a row is.
 */
export function measuresSql(turns: string, evaluations: string): string {
  const dimensions = columnList(DIMENSIONS);
  const sets = GRAINS.map(({ by }) => `(${columnList(by)})`).join(', ');
  const part = (relation: string, measures: ReadonlyMap<string, string>): string => `
    SELECT CASE WHEN grouping(surface) = 0 THEN 'segment' WHEN grouping(model_name) = 0 THEN 'model' ELSE 'all' END AS grain,
      ${dimensions}, ${MEASURE_NAMES.map((name) => `${measures.get(name) ?? nullOf(name)} AS ${identifier(name)}`).join(',\n      ')}
    FROM ${relation} GROUP BY GROUPING SETS (${sets})`;
  return `
  SELECT grain, ${dimensions}, ${MEASURE_NAMES.map((name) => `${mergedSql(name)} AS ${identifier(name)}`).join(', ')}
  FROM (${part(turns, measuresOver('turns'))} UNION ALL ${part(evaluations, measuresOver('evaluations'))})
  GROUP BY grain, ${dimensions}`;
}

// A quantile of nothing stays null; of counts and sums nothing is 0.
const isQuantile = (name: string): boolean =>
  metricList.some((metric) => metric.kind === 'quantile' && metricColumns(metric)[0]?.name === name);

const nullOf = (name: string): string => (METRIC_TYPES.get(name) === 'double' ? 'NULL::DOUBLE' : 'NULL::BIGINT');

const mergedSql = (name: string): string =>
  isQuantile(name) ? `max(${identifier(name)})` : `coalesce(max(${identifier(name)}), 0)`;

/** What the measures over turns read of silver. */
export const TURN_FACT_COLUMNS = [
  'tenant',
  'conversation_key',
  'model_provider',
  'model_name',
  'model_version',
  'surface',
  'language',
  'outcome',
  'alert_id',
  'category',
  'actions',
  'time_to_action_ms',
  'model_sha256',
  'policy_hash',
  'said_at',
] as const;

/** The safety models and policies that judged a week's turns, by tenant: JSON arrays in order. */
export const provenanceSql = (turns: string): string => `
  SELECT tenant,
    to_json(coalesce(list(DISTINCT model_sha256 ORDER BY model_sha256) FILTER (WHERE model_sha256 IS NOT NULL), []))::VARCHAR
      AS safety_model_sha256,
    to_json(coalesce(list(DISTINCT policy_hash ORDER BY policy_hash) FILTER (WHERE policy_hash IS NOT NULL), []))::VARCHAR
      AS policy_hash
  FROM ${turns} GROUP BY tenant`;
