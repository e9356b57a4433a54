import * as fc from 'fast-check';
import { measure, METRICS, type FactRow, type FactTable, type Metric } from '@watchkeeper/domain';
import { metricExpressions, type DuckSession, Duck, literal } from '@watchkeeper/lakehouse/duckdb';
import { measurementOf } from '@watchkeeper/lakehouse/iceberg-lakehouse/facts';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The columns that metrics speak of, with their SQL types. */
const COLUMNS: Readonly<Record<FactTable, Readonly<Record<string, string>>>> = {
  turns: {
    conversation_key: 'VARCHAR',
    outcome: 'VARCHAR',
    alert_id: 'VARCHAR',
    actions: 'INTEGER',
    time_to_action_ms: 'DOUBLE',
  },
  evaluations: { question: 'VARCHAR', value_boolean: 'BOOLEAN', value_number: 'DOUBLE' },
};

const orNull = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null, freq: 4 });
const ROWS: Readonly<Record<FactTable, fc.Arbitrary<FactRow>>> = {
  turns: fc.record({
    conversation_key: orNull(fc.constantFrom('a/1', 'a/2', "a/o'3", 'b/1')),
    outcome: orNull(fc.constantFrom('scored', 'unclassified')),
    alert_id: orNull(fc.constantFrom('x', 'y')),
    actions: orNull(fc.integer({ min: 0, max: 3 })),
    time_to_action_ms: orNull(fc.double({ min: 0, max: 1e6, noNaN: true })),
  }),
  evaluations: fc.record({
    question: orNull(fc.constantFrom('accuracy', 'hallucination', 'satisfaction', 'tone')),
    value_boolean: orNull(fc.boolean()),
    value_number: orNull(fc.double({ min: -10, max: 10, noNaN: true })),
  }),
};

// Kinds of filter and quantiles that no metric of today uses: a new metric may.
const OTHERS: readonly Metric[] = [
  { name: 'oneOf', unit: 'count', over: 'turns', kind: 'count', where: [{ column: 'alert_id', oneOf: ['x', "q'"] }] },
  { name: 'ofNone', unit: 'count', over: 'turns', kind: 'count', where: [{ column: 'alert_id', oneOf: [] }] },
  { name: 'atLeast', unit: 'count', over: 'turns', kind: 'count', where: [{ column: 'actions', atLeast: 2 }] },
  { name: 'isNull', unit: 'count', over: 'turns', kind: 'count', where: [{ column: 'outcome', isNull: true }] },
  {
    name: 'firstTenth',
    unit: 'ms',
    over: 'turns',
    kind: 'quantile',
    where: [{ column: 'outcome', is: 'scored' }],
    column: 'time_to_action_ms',
    q: 0.1,
  },
  { name: 'last', unit: 'ms', over: 'turns', kind: 'quantile', where: [], column: 'time_to_action_ms', q: 1 },
];

const sqlValue = (value: FactRow[string]): string =>
  value === null || value === undefined
    ? 'NULL'
    : typeof value === 'string'
      ? literal(value)
      : typeof value === 'number'
        ? // In quotes: digits alone would pass through DECIMAL and lose the last bit.
          `'${value}'::DOUBLE`
        : String(value);

describe('metric parity: a metric gives the same numbers in memory and in SQL', () => {
  let dir: string;
  let duck: Duck;
  let session: DuckSession;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'metric-parity-'));
    duck = await Duck.open({ threads: 1, memoryLimitMb: 256, tempDir: dir });
    session = await duck.session();
  });
  afterAll(async () => {
    session.close();
    duck.close();
    await rm(dir, { recursive: true });
  });

  const inSql = async (metric: Metric, rows: readonly FactRow[]) => {
    const columns = Object.entries(COLUMNS[metric.over]);
    const values = rows.map((row) => `(${columns.map(([name]) => sqlValue(row[name])).join(', ')})`);
    await session.run(
      'make facts',
      `CREATE OR REPLACE TEMP TABLE facts (${columns.map(([name, type]) => `"${name}" ${type}`).join(', ')})`,
    );
    if (values.length > 0) await session.run('fill facts', `INSERT INTO facts VALUES ${values.join(', ')}`);
    const selected = metricExpressions(metric).map(({ column, sql }) => `${sql} AS "${column}"`);
    return measurementOf(metric, await session.row('measure', `SELECT ${selected.join(', ')} FROM facts`));
  };

  it.each([...Object.values<Metric>(METRICS), ...OTHERS].map((metric) => [metric.name, metric] as const))(
    '%s',
    async (_, metric) => {
      await fc.assert(
        fc.asyncProperty(fc.array(ROWS[metric.over], { maxLength: 120 }), async (rows) => {
          const expected = measure(metric, rows);
          const found = await inSql(metric, rows);
          expect(found.n).toBe(expected.n);
          expectClose(found.sum, expected.sum);
          expectClose(found.sumOfSquares, expected.sumOfSquares);
          if (metric.kind === 'mean' || metric.kind === 'ratio') expectClose(found.value, expected.value);
          else expect(found.value).toBe(expected.value);
        }),
        { numRuns: 25 },
      );
    },
  );
});

function expectClose(found: number | null, expected: number | null): void {
  if (expected === null || found === null) expect(found).toBe(expected);
  else expect(Math.abs(found - expected)).toBeLessThanOrEqual(1e-9 * Math.max(1, Math.abs(expected)));
}
