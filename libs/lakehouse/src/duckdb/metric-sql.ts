import type { Filter, Metric } from '@watchkeeper/domain';
import { metricColumns, snakeCase } from '../tables';
import { identifier, literal } from './sql';

/**
 * The batch's interpreter of a metric: one SQL expression for each of its columns in gold, over a table of facts whose
 * columns are named as in domain's metric.ts. `measure` there is the other interpreter; metric-parity holds them together.
 */
export function metricExpressions(metric: Metric): readonly { readonly column: string; readonly sql: string }[] {
  const filter = `FILTER (WHERE ${conditionSql(metric.where)})`;
  return metricColumns(metric).map(({ name }) => ({
    column: name,
    sql: expression(metric, partOf(metric, name), filter),
  }));
}

type Part = 'value' | 'n' | 'sum' | 'sum_of_squares';

function partOf(metric: Metric, column: string): Part {
  const rest = column.slice(snakeCase(metric.name).length + 1);
  return rest === 'n' || rest === 'sum' || rest === 'sum_of_squares' ? rest : 'value';
}

function expression(metric: Metric, part: Part, filter: string): string {
  switch (metric.kind) {
    case 'count':
      return metric.distinct === undefined
        ? `count(*) ${filter}`
        : `count(DISTINCT ${identifier(metric.distinct)}) ${filter}`;
    case 'ratio':
      return momentSql(`(CASE WHEN ${conditionSql(metric.of)} THEN 1 ELSE 0 END)`, part, filter);
    case 'mean':
      return momentSql(identifier(metric.column), part, filter);
    case 'quantile':
      // A DOUBLE literal: with a decimal, DuckDB would round q * n otherwise than `measure` does.
      return part === 'value'
        ? `quantile_disc(${identifier(metric.column)}, ${metric.q}::DOUBLE) ${filter}`
        : momentSql(identifier(metric.column), part, filter);
    default:
      return metric satisfies never;
  }
}

function momentSql(value: string, part: Part, filter: string): string {
  switch (part) {
    case 'n':
      return `count(${value}) ${filter}`;
    case 'sum':
      return `coalesce(sum(${value}::DOUBLE) ${filter}, 0)`;
    case 'sum_of_squares':
      return `coalesce(sum(${value}::DOUBLE * ${value}::DOUBLE) ${filter}, 0)`;
    case 'value':
      return `avg(${value}::DOUBLE) ${filter}`;
    default:
      return part satisfies never;
  }
}

/** All of the filters. A null column meets no condition but `isNull`. */
export function conditionSql(filters: readonly Filter[]): string {
  if (filters.length === 0) return 'true';
  return filters.map((filter) => `coalesce(${oneConditionSql(filter)}, false)`).join(' AND ');
}

function oneConditionSql(filter: Filter): string {
  const column = identifier(filter.column);
  if ('isNull' in filter) return `${column} IS ${filter.isNull ? '' : 'NOT '}NULL`;
  if ('is' in filter) return `${column} = ${typeof filter.is === 'string' ? literal(filter.is) : String(filter.is)}`;
  if ('oneOf' in filter) return `${column} IN (${['NULL', ...filter.oneOf.map(literal)].join(', ')})`;
  return `${column} >= ${filter.atLeast}`;
}
