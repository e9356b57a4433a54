import { randomUUID } from 'node:crypto';
import { columnList } from '../duckdb';
import { commit, CommitConflict, currentSchema, expireSnapshots, removeOrphans, type DataFile } from '../iceberg';
import type { Maintenance } from '../lakehouse';
import type { TableDefinition } from '../tables';
import { openTable, reading, rowsSql, type Lake, type Opened } from './lake';
import { discard, discardUnlessUnknown, writeRows } from './write';

const TARGET_BYTES = 128 * 1_048_576;
/** A file as large as this is left as it is. */
const SMALL_BYTES = 0.75 * TARGET_BYTES;
/** Fewer are not worth a rewrite. */
const GROUP_FILES_MIN = 2;
/** A reader that has just loaded the table still finds its files. */
const SNAPSHOTS_KEPT_MIN = 3;
/** Files of one run: bounds its time, and open files. */
const RUN_FILES_MAX = 500;

export interface MaintenanceOptions {
  readonly snapshotAgeMsMax: number;
  readonly orphanAgeMsMin: number;
}

/** Small files into larger ones, old snapshots out, files of nobody removed: no row changes. */
export async function maintainTables(
  lake: Lake,
  definitions: readonly TableDefinition[],
  options: MaintenanceOptions,
): Promise<Maintenance> {
  let [filesCompacted, snapshotsExpired, orphansRemoved] = [0, 0, 0];
  for (const definition of definitions) {
    filesCompacted += await compact(lake, definition);
    const { id } = definition;
    snapshotsExpired += await expireSnapshots(lake.catalog, id, {
      olderThanMs: options.snapshotAgeMsMax,
      keepMin: SNAPSHOTS_KEPT_MIN,
    });
    orphansRemoved += await removeOrphans(lake.catalog, id, { olderThanMs: options.orphanAgeMsMin });
  }
  return { filesCompacted, snapshotsExpired, orphansRemoved };
}

async function compact(lake: Lake, definition: TableDefinition): Promise<number> {
  const opened = await openTable(lake, definition.id);
  let compacted = 0;
  for (const group of groupsOf(opened.files)) {
    if (compacted + group.length > RUN_FILES_MAX) break;
    if (await compactGroup(lake, definition, opened, group)) compacted += group.length;
  }
  return compacted;
}

/** Small files of one partition, packed until the target is full. */
export function groupsOf(files: readonly DataFile[]): readonly (readonly DataFile[])[] {
  const byPartition = new Map<string, DataFile[]>();
  for (const file of files.filter((candidate) => Number(candidate.sizeBytes) < SMALL_BYTES)) {
    const partition = JSON.stringify(file.partition);
    byPartition.set(partition, [...(byPartition.get(partition) ?? []), file]);
  }
  return [...byPartition.values()].flatMap(pack).filter((group) => group.length >= GROUP_FILES_MIN);
}

function pack(files: readonly DataFile[]): readonly (readonly DataFile[])[] {
  const bins: { bytes: number; files: DataFile[] }[] = [];
  for (const file of files.toSorted((a, b) => Number(b.sizeBytes - a.sizeBytes))) {
    const bytes = Number(file.sizeBytes);
    const bin = bins.find(
      (candidate) => candidate.bytes + bytes <= TARGET_BYTES && candidate.files.length < RUN_FILES_MAX,
    );
    if (bin) {
      bin.files.push(file);
      bin.bytes += bytes;
    } else {
      bins.push({ bytes, files: [file] });
    }
  }
  return bins.map((bin) => bin.files);
}

/** false: one of the files is gone by now, by a refresh or another compaction; the next run looks again. */
async function compactGroup(
  lake: Lake,
  definition: TableDefinition,
  opened: Opened,
  group: readonly DataFile[],
): Promise<boolean> {
  const columns = columnList(currentSchema(opened.table.metadata).fields.map((field) => field.name));
  const add = await reading(lake, group, () =>
    lake.duck.with((session) =>
      writeRows(lake, session, {
        definition,
        table: opened.table,
        select: `SELECT ${columns} FROM ${rowsSql(lake, opened, group)}`,
        partition: group[0]!.partition,
      }),
    ),
  );
  const rowsBefore = group.reduce((sum, file) => sum + file.recordCount, 0n);
  const rowsAfter = add.reduce((sum, file) => sum + file.recordCount, 0n);
  if (rowsBefore !== rowsAfter) {
    await discard(lake, add);
    throw new RangeError(`compaction of ${definition.id} would have made ${rowsAfter} rows of ${rowsBefore}`);
  }
  try {
    await commit(lake.catalog, definition.id, {
      operation: 'replace',
      add,
      remove: group.map((file) => file.path),
      decide: () => ({ summary: { 'watchkeeper.run-id': randomUUID() } }),
    });
    return true;
  } catch (error) {
    await discardUnlessUnknown(lake, add, error);
    if (error instanceof CommitConflict) return false;
    throw error;
  }
}
