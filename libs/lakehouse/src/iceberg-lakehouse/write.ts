import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fieldIds, identifier, literal, type DuckSession, type Row } from '../duckdb';
import {
  CommitStateUnknown,
  currentSchema,
  dataFileFromDuckStats,
  specOf,
  type DataFile,
  type PartitionValues,
  type Table,
} from '../iceberg';
import { partitionFieldName, type TableDefinition } from '../tables';
import type { Lake } from './lake';

const DAY_MS = 86_400_000;
const PARTITION_COLUMN = '__partition';
/** Cutting up holds a row group of every open file in memory; compaction makes them larger again. */
const CUT_ROW_GROUP_ROWS = 4_096;

/**
 * Writes the rows of a query as data files of the table, seen by nobody before a commit names them; the
 * commit makes them durable. `partition`: the one that all rows belong to; otherwise DuckDB cuts them up.
 */
export async function writeRows(
  lake: Lake,
  session: DuckSession,
  options: {
    readonly definition: TableDefinition;
    readonly table: Table;
    readonly select: string;
    readonly partition?: PartitionValues;
  },
): Promise<readonly DataFile[]> {
  const { definition, table, select } = options;
  const isCutUp = definition.partition !== undefined && options.partition === undefined;
  const dir = join(dataDirOf(lake, table), isCutUp ? randomUUID() : '');
  await mkdir(dir, { recursive: true });
  const target = isCutUp ? dir : join(dir, `${randomUUID()}.parquet`);
  const stats = await session.rows(
    `write rows of ${definition.id}`,
    isCutUp ? copySql(options, target, partitionSql(definition)) : copySql(options, target),
  );
  const files = stats
    .filter((row) => Number(row['count']) > 0)
    .map((row) => dataFileOf(options, row, options.partition ?? partitionOf(definition, row)));
  if (files.length === 0) await rm(target, { force: true, recursive: true });
  return files;

  function copySql({ table: { metadata } }: { table: Table }, to: string, partition?: string): string {
    const { fields } = currentSchema(metadata);
    const written = fields.filter((field) => definition.columns.some((column) => column.name === field.name));
    const columns = written.map((field) => identifier(field.name)).join(', ');
    const rows = partition === undefined ? select : `SELECT *, ${partition} AS ${PARTITION_COLUMN} FROM (${select})`;
    return `COPY (SELECT ${columns}${partition === undefined ? '' : `, ${PARTITION_COLUMN}`} FROM (${rows}))
      TO ${literal(to)} (FORMAT parquet, COMPRESSION zstd, ROW_GROUP_SIZE ${partition === undefined ? definition.rowGroupRows : CUT_ROW_GROUP_ROWS},
        FIELD_IDS ${fieldIds(written)}, RETURN_STATS${
          partition === undefined
            ? ''
            : `, PARTITION_BY (${PARTITION_COLUMN}), WRITE_PARTITION_COLUMNS false, FILENAME_PATTERN '{uuid}'`
        })`;
  }
}

/** Takes back files that no commit has named, as far as it can; what stays is an orphan. */
export async function discard(lake: Lake, files: readonly DataFile[]): Promise<void> {
  for (const file of files) await lake.catalog.storage.remove(file.path).catch(() => undefined);
}

/** After a commit that failed; one that may have taken place needs its files. */
export async function discardUnlessUnknown(lake: Lake, files: readonly DataFile[], error: unknown): Promise<void> {
  if (!(error instanceof CommitStateUnknown)) await discard(lake, files);
}

function dataDirOf(lake: Lake, { metadata }: Table): string {
  const location = join(metadata.location, 'data');
  return lake.catalog.storage.localPath(location) ?? location;
}

function partitionSql({ partition }: TableDefinition): string {
  if (partition === undefined) return 'NULL';
  const column = identifier(partition.column);
  return partition.transform === 'day' ? `(${column} AT TIME ZONE 'UTC')::DATE` : column;
}

function partitionOf(definition: TableDefinition, row: Row): PartitionValues {
  const { partition } = definition;
  if (partition === undefined) return {};
  const [key] = row['partition_keys'] as readonly { readonly value: string }[];
  const value = key?.value ?? '';
  return {
    [partitionFieldName(partition)]: partition.transform === 'day' ? Date.parse(`${value}T00:00:00Z`) / DAY_MS : value,
  };
}

function dataFileOf({ table: { metadata } }: { table: Table }, row: Row, partition: PartitionValues): DataFile {
  // What people wrote stays out of the manifests: the properties name the columns without bounds.
  const { properties } = metadata;
  const spec = specOf(metadata, metadata['default-spec-id']);
  return dataFileFromDuckStats(currentSchema(metadata), spec, row, partition, { properties });
}
