import { stat } from 'node:fs/promises';
import type { Catalog } from '../catalog';
import { DamagedFile, literal, QueryFailed, rowsOf, type Duck, type DuckSession, type Row, type Step } from '../duckdb';
import {
  currentSchema,
  currentSnapshot,
  evolveSchema,
  liveFiles,
  type DataFile,
  type Field,
  type Schema,
  type Table,
} from '../iceberg';
import { fieldsOf, partitionFieldsOf, propertiesOf, type Column, type TableDefinition } from '../tables';

/** What the parts of the adapter work on. */
export interface Lake {
  readonly catalog: Catalog;
  readonly duck: Duck;
  /** For spools: on the lake's own disk, of this process alone. */
  readonly scratchDir: string;
}

/** A table with the files of one snapshot. */
export interface Opened {
  readonly table: Table;
  readonly fields: readonly Field[];
  readonly files: readonly DataFile[];
}

/** Creates a table that is missing; gives an older one the columns it lacks. */
export async function ensureTable(lake: Lake, definition: TableDefinition): Promise<void> {
  const table = await lake.catalog.createTable(definition.id, {
    schema: { type: 'struct', 'schema-id': 0, fields: fieldsOf(definition) },
    partitionFields: partitionFieldsOf(definition),
    properties: propertiesOf(definition),
  });
  if (missingIn(currentSchema(table.metadata), definition).length === 0) return;
  await evolveSchema(lake.catalog, definition.id, (schema, nextId) => ({
    ...schema,
    fields: [
      ...schema.fields,
      ...missingIn(schema, definition).map(({ name, type }) => ({ id: nextId(), name, required: false, type })),
    ],
  }));
}

function missingIn(schema: Schema, definition: TableDefinition): readonly Column[] {
  const known = new Set(schema.fields.map((field) => field.name));
  return definition.columns.filter((column) => !known.has(column.name));
}

export async function openTable(lake: Lake, id: string): Promise<Opened> {
  const table = await lake.catalog.load(id);
  const files = await liveFiles(lake.catalog.storage, table);
  return { table, fields: currentSchema(table.metadata).fields, files };
}

export const snapshotIdOf = (table: Table): string | undefined => currentSnapshot(table)?.['snapshot-id'].toString();

/** The rows of files of a table as SQL; `columns`: only these. */
export function rowsSql(
  lake: Lake,
  { fields }: Pick<Opened, 'fields'>,
  files: readonly DataFile[],
  options: { readonly columns?: readonly string[]; readonly withFile?: boolean } = {},
): string {
  const { columns } = options;
  const wanted = columns === undefined ? fields : fields.filter((field) => columns.includes(field.name));
  return rowsOf(
    files.map((file) => localPathOf(lake, file)),
    wanted,
    options.withFile ?? false,
  );
}

export function localPathOf(lake: Lake, file: DataFile): string {
  const path = lake.catalog.storage.localPath(file.path);
  if (path === undefined) throw new DamagedFile(file.path, 'is not on this machine');
  return path;
}

export async function runSteps(session: DuckSession, steps: readonly Step[]): Promise<void> {
  for (const { what, sql } of steps) await session.run(what, sql);
}

/** Runs work that reads these files; when it fails, looks whether one of them is the reason. */
export async function reading<T>(lake: Lake, files: readonly DataFile[], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof QueryFailed) await findDamage(lake, files, error);
    throw error;
  }
}

async function findDamage(lake: Lake, files: readonly DataFile[], cause: QueryFailed): Promise<void> {
  for (const file of files) {
    const path = localPathOf(lake, file);
    const size = await stat(path).then(
      (found) => found.size,
      () => undefined,
    );
    if (size === undefined) throw new DamagedFile(file.path, 'is missing', { cause });
    if (BigInt(size) !== file.sizeBytes) {
      throw new DamagedFile(file.path, `has ${size} bytes instead of ${file.sizeBytes}`, { cause });
    }
  }
  if (cause.kind === 'Out of Memory Error') return;
  await lake.duck.with(async (session) => {
    for (const file of files) {
      const sql = `SELECT count(hash(COLUMNS(*))) FROM read_parquet(${literal(localPathOf(lake, file))}, hive_partitioning = false)`;
      await session.row('look for damage', sql).catch(() => {
        throw new DamagedFile(file.path, 'cannot be read', { cause });
      });
    }
  });
}

/** A JSON property of a table; the fallback when it is not set. */
export function propertyOf<T>(table: Pick<Table, 'metadata'>, name: string, fallback: T): T {
  const text = table.metadata.properties[name];
  // Written by this adapter only, and in this shape.
  return text === undefined ? fallback : (JSON.parse(text) as T);
}

export const numberIn = (row: Row, column: string): number => Number(row[column] ?? 0);
