import { dataFileFromDuckStats } from './duck-stats';
import { valueOf } from './single-value';
import type { Field, Schema } from './types';

const field = (id: number, name: string, type: Field['type']): Field => ({ id, name, required: false, type });
const SCHEMA: Schema = {
  type: 'struct',
  'schema-id': 0,
  fields: [
    field(1, 'seq', 'int'),
    field(2, 'score', 'double'),
    field(3, 'text', 'string'),
    field(4, 'said_at', 'timestamptz'),
    field(5, 'tags', { type: 'list', 'element-id': 6, element: 'string', 'element-required': false }),
    field(7, 'attributes', {
      type: 'map',
      'key-id': 8,
      key: 'string',
      'value-id': 9,
      value: 'string',
      'value-required': false,
    }),
    field(10, 'flagged', 'boolean'),
    field(11, 'day', 'date'),
    field(12, 'odd "name"', 'long'),
  ],
};
const SPEC = { 'spec-id': 3, fields: [] };

/** A row as DuckDB 1.5 gives it (getRowObjectsJson). */
function row(statistics: Record<string, Record<string, string>>) {
  return {
    filename: '/lake/a.parquet',
    count: '10',
    file_size_bytes: '1763',
    column_statistics: Object.entries(statistics).map(([key, value]) => ({
      key,
      value: Object.entries(value).map(([name, text]) => ({ key: name, value: text })),
    })),
  };
}

describe('a data file from the statistics of DuckDB', () => {
  it('has sizes, counts and bounds by field id', () => {
    const file = dataFileFromDuckStats(
      SCHEMA,
      SPEC,
      row({
        '"seq"': { column_size_bytes: '72', min: '-3', max: '9', null_count: '1', num_values: '10' },
        '"flagged"': { column_size_bytes: '34', min: '0', max: '1', null_count: '0', num_values: '10' },
        '"said_at"': { min: '2026-11-23 22:07:53.345497+00', max: '2026-11-23 22:07:54+00', num_values: '10' },
        '"day"': { min: '2026-11-23', max: '2026-11-24', num_values: '10' },
        '"odd ""name"""': { min: '9223372036854775807', max: '9223372036854775807', num_values: '10' },
        '"unknown"': { min: '1', max: '2', num_values: '10' },
      }),
      { day: 1 },
    );
    expect(file).toMatchObject({
      path: '/lake/a.parquet',
      specId: 3,
      recordCount: 10n,
      sizeBytes: 1763n,
      partition: { day: 1 },
    });
    expect([file.columnSizes.get(1), file.valueCounts.get(1), file.nullCounts.get(1)]).toEqual([72n, 10n, 1n]);
    const bounds = (id: number, type: 'int' | 'boolean' | 'timestamptz' | 'date' | 'long') => [
      valueOf(type, file.lowerBounds.get(id)!),
      valueOf(type, file.upperBounds.get(id)!),
    ];
    expect(bounds(1, 'int')).toEqual([-3, 9]);
    expect(bounds(10, 'boolean')).toEqual([false, true]);
    expect(bounds(4, 'timestamptz')).toEqual([1795471673345497n, 1795471674000000n]);
    expect(bounds(11, 'date')).toEqual([20780, 20781]);
    expect(bounds(12, 'long')).toEqual([9223372036854775807n, 9223372036854775807n]);
    expect([...file.valueCounts.keys()]).toEqual([1, 10, 4, 11, 12]);
  });

  it('has no bounds where they would mislead: not a number, within lists and maps, without values', () => {
    const file = dataFileFromDuckStats(
      SCHEMA,
      SPEC,
      row({
        '"score"': { min: '0.0', max: '9.0', has_nan: 'true', num_values: '10' },
        '"tags"."element"': { min: 'a', max: 'z', null_count: '5', num_values: '15' },
        '"attributes"."key"': { min: 'a', max: 'z', num_values: '10' },
        '"attributes"."key_value"."value"': { min: 'a', max: 'z', num_values: '10' },
        '"text"': { null_count: '10', num_values: '10' },
      }),
      {},
    );
    expect([file.lowerBounds.size, file.upperBounds.size]).toEqual([0, 0]);
    expect([...file.valueCounts]).toEqual([
      [2, 10n],
      [6, 15n],
      [8, 10n],
      [9, 10n],
      [3, 10n],
    ]);
  });

  it.each([
    ['none', [true, false, false]],
    ['counts', [true, true, false]],
    ['truncate(16)', [true, true, true]],
  ])('tells of a column whose metrics are %s as much as that', (mode, told) => {
    const statistics = { '"text"': { column_size_bytes: '5', min: 'secret', max: 'secret', num_values: '1' } };
    const properties = { 'write.metadata.metrics.column.text': mode };
    const file = dataFileFromDuckStats(SCHEMA, SPEC, row(statistics), {}, { properties });
    expect([file.columnSizes.has(3), file.valueCounts.has(3), file.lowerBounds.has(3)]).toEqual(told);
    expect(file.upperBounds.has(3)).toBe(told[2]);
  });

  it('takes infinity for a bound', () => {
    const file = dataFileFromDuckStats(
      SCHEMA,
      SPEC,
      row({ '"score"': { min: '-inf', max: 'inf', num_values: '1' } }),
      {},
    );
    expect(valueOf('double', file.lowerBounds.get(2)!)).toBe(-Infinity);
  });
});
