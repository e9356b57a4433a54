import { leavesOf } from './schema';
import type { Leaf } from './schema';
import { daysSinceEpoch, lowerBound, microsOf, upperBound } from './single-value';
import type { ColumnValue } from './single-value';
import type { DataFile, PartitionSpec, PartitionValues, PrimitiveType, Schema } from './types';

/** A row of DuckDB's `COPY … (RETURN_STATS)`, as its JSON. Numbers are texts there. Any type may hide behind unknown. */
export interface DuckStatsRow {
  readonly [column: string]: unknown;
}

interface DuckPair<Value> {
  readonly key: string;
  readonly value: Value;
}

const METRICS = 'write.metadata.metrics.column.';
/** Parquet's magic bytes come before the first row group. */
const FIRST_ROW_GROUP_AT = 4n;

/**
 * The data file that DuckDB has written (time zone UTC). Columns inside lists and maps have counts, no bounds. For a
 * column whose property `write.metadata.metrics.column.<name>` is `none` nothing but its size is told; `counts`: no bounds.
 */
export function dataFileFromDuckStats(
  schema: Schema,
  spec: PartitionSpec,
  row: DuckStatsRow,
  partition: PartitionValues,
  options: { readonly properties?: Readonly<Record<string, string>> } = {},
): DataFile {
  const leaves = new Map(leavesOf(schema.fields).map((leaf) => [leaf.path.map(quoted).join('.'), leaf]));
  const columnSizes = new Map<number, bigint>();
  const valueCounts = new Map<number, bigint>();
  const nullCounts = new Map<number, bigint>();
  const lowerBounds = new Map<number, Uint8Array>();
  const upperBounds = new Map<number, Uint8Array>();
  for (const { key, value } of pairsOf<readonly DuckPair<string>[]>(row['column_statistics'])) {
    const leaf = leaves.get(key.replace('."key_value"', '').replace('."list"', ''));
    if (!leaf) continue;
    const stats = new Map(pairsOf<string>(value).map((pair) => [pair.key, pair.value]));
    const mode = options.properties?.[METRICS + leaf.path.join('.')];
    putCount(columnSizes, leaf, stats.get('column_size_bytes'));
    if (mode === 'none') continue;
    putCount(valueCounts, leaf, stats.get('num_values'));
    putCount(nullCounts, leaf, stats.get('null_count'));
    if (mode === 'counts' || leaf.nested || stats.get('has_nan') === 'true') continue;
    const lower = valueFromDuck(leaf.type, stats.get('min'));
    const upper = valueFromDuck(leaf.type, stats.get('max'));
    if (lower !== undefined) lowerBounds.set(leaf.id, lowerBound(leaf.type, lower));
    const bound = upper === undefined ? undefined : upperBound(leaf.type, upper);
    if (bound) upperBounds.set(leaf.id, bound);
  }
  return {
    path: String(row['filename']),
    partition,
    specId: spec['spec-id'],
    recordCount: BigInt(String(row['count'])),
    sizeBytes: BigInt(String(row['file_size_bytes'])),
    columnSizes,
    valueCounts,
    nullCounts,
    lowerBounds,
    upperBounds,
    splitOffsets: [FIRST_ROW_GROUP_AT],
    sortOrderId: 0,
  };
}

/** undefined: no bound. DuckDB's text of bytes has escapes of its own, so such columns go without. */
function valueFromDuck(type: PrimitiveType, text: string | undefined): ColumnValue | undefined {
  if (text === undefined) return undefined;
  switch (type) {
    case 'boolean':
      return text === '1' || text === 'true';
    case 'int':
      return Number(text);
    case 'float':
    case 'double': {
      const number = Number(text.replace(/^(-?)inf$/, '$1Infinity'));
      return Number.isNaN(number) ? undefined : number;
    }
    case 'long':
      return BigInt(text);
    case 'date':
      return daysSinceEpoch(text);
    case 'timestamptz':
      return microsOf(text);
    case 'string':
      return text;
    case 'binary':
      return undefined;
    default:
      throw new TypeError(`no statistics of ${JSON.stringify(type satisfies never)}`);
  }
}

function putCount(counts: Map<number, bigint>, leaf: Leaf, text: string | undefined): void {
  if (text !== undefined) counts.set(leaf.id, BigInt(text));
}

/** A map of DuckDB's in JSON: a list of pairs. */
function pairsOf<Value>(map: unknown): readonly DuckPair<Value>[] {
  if (!Array.isArray(map)) throw new TypeError('no statistics in the row: COPY needs RETURN_STATS');
  return map as readonly DuckPair<Value>[];
}

function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
