import { CATEGORIES, METRICS, type Measurement, type Metric, type MetricName, type WeekId } from '@watchkeeper/domain';
import { literal, type Row } from '../duckdb';
import type { QualityFacts, WeekFacts } from '../lakehouse';
import { GOLD_QUALITY, GOLD_TOTALS, SILVER_MODELS, snakeCase } from '../tables';
import { numberIn, openTable, reading, rowsSql, type Lake } from './lake';

export async function weeksOf(lake: Lake, tenant: string): Promise<readonly WeekId[]> {
  const totals = await openTable(lake, GOLD_TOTALS.id);
  const rows = await reading(lake, totals.files, () =>
    lake.duck.with((session) =>
      session.rows(
        'list weeks',
        `SELECT DISTINCT week FROM ${rowsSql(lake, totals, totals.files, { columns: ['week', 'tenant', 'turns'] })}
         WHERE tenant = ${literal(tenant)} AND turns > 0 ORDER BY week`,
      ),
    ),
  );
  // Written by weekSql.
  return rows.map((row) => row['week'] as WeekId);
}

export async function weekFacts(lake: Lake, tenant: string, week: WeekId): Promise<WeekFacts | undefined> {
  const totals = await rowsOfWeek(lake, GOLD_TOTALS.id, tenant, week);
  const all = totals.find((row) => row['grain'] === 'all');
  if (!all || numberIn(all, 'turns') === 0) return undefined;
  const quality = await rowsOfWeek(lake, GOLD_QUALITY.id, tenant, week);
  const models = await modelsOf(lake, tenant);
  return {
    all: factsOf(all),
    byModel: totals
      .filter((row) => row['grain'] === 'model')
      .map((row) => ({ ...factsOf(row), model: modelOf(row, models) })),
    modelSha256: listIn(all, 'safety_model_sha256'),
    policyHash: listIn(all, 'policy_hash'),
    goldTurns: quality.reduce((sum, row) => sum + numberIn(row, 'turns'), 0),
  };
}

async function rowsOfWeek(lake: Lake, id: string, tenant: string, week: WeekId): Promise<readonly Row[]> {
  const gold = await openTable(lake, id);
  const files = gold.files.filter((file) => file.partition['week'] === week);
  return reading(lake, files, () =>
    lake.duck.with((session) =>
      session.rows(
        'read a week',
        `SELECT * FROM ${rowsSql(lake, gold, files)} WHERE week = ${literal(week)} AND tenant = ${literal(tenant)}
         ORDER BY model_provider NULLS LAST, model_name NULLS LAST, model_version NULLS LAST`,
      ),
    ),
  );
}

async function modelsOf(lake: Lake, tenant: string): Promise<ReadonlyMap<string, Row>> {
  const models = await openTable(lake, SILVER_MODELS.id);
  const rows = await reading(lake, models.files, () =>
    lake.duck.with((session) =>
      session.rows(
        'read models',
        `SELECT * FROM ${rowsSql(lake, models, models.files)} WHERE tenant = ${literal(tenant)}`,
      ),
    ),
  );
  return new Map(rows.map((row) => [modelKey(row['provider'], row['name'], row['version']), row]));
}

const modelKey = (...parts: readonly unknown[]): string => JSON.stringify(parts);

function modelOf(row: Row, models: ReadonlyMap<string, Row>): WeekFacts['byModel'][number]['model'] {
  const { model_provider: provider, model_name: name, model_version: version } = row;
  if (typeof name !== 'string') return null;
  const known = models.get(modelKey(provider, name, version));
  const releasedAt = known?.['released_at'];
  const attributes = known?.['attributes'];
  return {
    name,
    ...(typeof provider === 'string' && { provider }),
    ...(typeof version === 'string' && { version }),
    ...(typeof releasedAt === 'string' && { releasedAt }),
    // A JSON object, as the metadata's schema has it.
    ...(typeof attributes === 'string' && { attributes: JSON.parse(attributes) as Record<string, unknown> }),
  };
}

function factsOf(row: Row): QualityFacts {
  const entries = Object.values(METRICS).map((metric) => [metric.name, measurementOf(metric, row)] as const);
  return {
    // One entry for each name of METRICS.
    metrics: Object.fromEntries(entries) as Record<MetricName, Measurement>,
    byCategory: CATEGORIES.map((category) => ({
      category,
      alerts: numberIn(row, `alerts_${category}`),
      actedOn: numberIn(row, `acted_on_${category}`),
    })),
  };
}

/** The measurement as `measure` would give it. */
export function measurementOf(metric: Metric, row: Row): Measurement {
  const name = snakeCase(metric.name);
  if (metric.kind === 'count') {
    const n = numberIn(row, name);
    return { n, value: n, sum: n, sumOfSquares: n };
  }
  const n = numberIn(row, `${name}_n`);
  const sum = numberIn(row, `${name}_sum`);
  const value = metric.kind === 'quantile' ? row[name] : sum / n;
  return { n, value: n === 0 ? null : Number(value), sum, sumOfSquares: numberIn(row, `${name}_sum_of_squares`) };
}

// A JSON array of strings, as provenanceSql writes it.
const listIn = (row: Row, column: string): readonly string[] =>
  typeof row[column] === 'string' ? (JSON.parse(row[column]) as string[]) : [];
