import { currentSnapshot, filesAddedSince, type DataFile, type Table } from '../iceberg';
import { openTable, propertyOf, type Lake, type Opened } from './lake';

/** How far a table of silver has read each table of bronze: `{"bronze.conversation_events": {"snapshot": "4711"}}`. */
export const SOURCES = 'watchkeeper.source-snapshots';

/** Everything up to a snapshot, and these files of those that came after it. */
interface Progress {
  readonly snapshot?: string;
  readonly files?: readonly string[];
}
export type Sources = Readonly<Record<string, Progress>>;

export const sourcesOf = (table: Pick<Table, 'metadata'>): Sources => propertyOf<Sources>(table, SOURCES, {});

/** A table of bronze, and those of its files that are read now. */
export interface Source extends Opened {
  readonly id: string;
  readonly fresh: readonly DataFile[];
  /** Where reading stands when `fresh` has been read. */
  readonly progress: Progress;
  /** More files wait for the next pass. */
  readonly hasMore: boolean;
  /** History no longer reaches back to where reading stood: everything has to be read anew. */
  readonly isRestarted: boolean;
}

/** `rowsMax`: read no more than about so many rows, at least one file. */
export async function openSource(lake: Lake, id: string, read: Progress, rowsMax: number): Promise<Source> {
  const opened = await openTable(lake, id);
  const since = await filesSince(lake, opened, read.snapshot);
  const known = new Set(since ? read.files : []);
  const unread = (since ?? opened.files).filter((file) => !known.has(file.path));
  const fresh = firstRows(unread, rowsMax);
  const hasMore = fresh.length < unread.length;
  const current = currentSnapshot(opened.table)?.['snapshot-id'].toString();
  const base = since ? read.snapshot : undefined;
  const progress = hasMore
    ? { ...(base !== undefined && { snapshot: base }), files: [...known, ...fresh.map((file) => file.path)] }
    : { ...(current !== undefined && { snapshot: current }) };
  return { ...opened, id, fresh, progress, hasMore, isRestarted: since === undefined };
}

/** undefined: it cannot be told any more. */
async function filesSince(
  lake: Lake,
  { table, files }: Opened,
  snapshot: string | undefined,
): Promise<readonly DataFile[] | undefined> {
  if (snapshot === undefined) return files;
  if (currentSnapshot(table)?.['snapshot-id'].toString() === snapshot) return [];
  const changes = await filesAddedSince(lake.catalog.storage, table, BigInt(snapshot));
  // Bronze is only ever added to; when somebody else has rewritten it, it is read again as a whole.
  return changes === undefined || changes.removed.length > 0 ? undefined : changes.added;
}

function firstRows(files: readonly DataFile[], rowsMax: number): readonly DataFile[] {
  let rows = 0;
  const end = files.findIndex((file, index) => (rows += Number(file.recordCount)) > rowsMax && index > 0);
  return end === -1 ? files : files.slice(0, end);
}

export const advanced = (sources: Sources, read: readonly Source[]): Sources => ({
  ...sources,
  ...Object.fromEntries(read.map(({ id, progress }) => [id, progress])),
});
