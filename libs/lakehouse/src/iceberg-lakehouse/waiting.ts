import { columnList } from '../duckdb';
import { commit, type DataFile } from '../iceberg';
import { SILVER_WAITING } from '../tables';
import { numberIn, reading, rowsSql, type Opened } from './lake';
import type { Run } from './run';
import { discardUnlessUnknown, writeRows } from './write';

const NAMES = columnList(SILVER_WAITING.columns.map((column) => column.name));
const PLACE = `topic, "partition", "offset"`;
const UNMATCHED = `(${PLACE}) IN (SELECT (${PLACE}) FROM unmatched)`;

/*
 * Records whose turn has not come. Before the turns are committed those that begin to wait are added; only after it
 * those that have been joined are taken out. Killed between the two, a record is joined twice, which changes nothing;
 * the other way round it would be lost.
 */

/** Adds the records of this pass that begin to wait. */
export async function keepUnmatched(run: Run, waiting: Opened): Promise<void> {
  const known = rowsSql(run.lake, waiting, waiting.files);
  const beginning = `SELECT ${NAMES} FROM updates WHERE ${UNMATCHED}
    AND (${PLACE}) NOT IN (SELECT (${PLACE}) FROM ${known})`;
  const isAny = `SELECT count(*) AS n FROM unmatched u ANTI JOIN ${known} k USING (${PLACE})`;
  if ((await countOf(run, waiting, isAny)) > 0) await addWaiting(run, await writeWaiting(run, waiting, beginning));
}

/** Takes out the records whose turn this pass has found. */
export async function dropJoined(run: Run, waiting: Opened): Promise<void> {
  const known = rowsSql(run.lake, waiting, waiting.files);
  const isAny = `SELECT count(*) AS n FROM ${known} k ANTI JOIN unmatched u USING (${PLACE})`;
  if ((await countOf(run, waiting, isAny)) === 0) return;
  const add = await writeWaiting(run, waiting, `SELECT ${NAMES} FROM ${known} WHERE ${UNMATCHED}`);
  await commitWaiting(run, add, waiting.files);
}

/** The records that wait after a pass of a rebuild, in files that nobody sees yet. */
export const writeUnmatched = (run: Run, waiting: Opened): Promise<readonly DataFile[]> =>
  writeWaiting(run, waiting, `SELECT DISTINCT ${NAMES} FROM updates WHERE ${UNMATCHED}`);

export const addWaiting = (run: Run, add: readonly DataFile[]): Promise<void> => commitWaiting(run, add, []);

export const removeWaiting = (run: Run, remove: readonly DataFile[]): Promise<void> => commitWaiting(run, [], remove);

async function countOf({ lake, session }: Run, waiting: Opened, sql: string): Promise<number> {
  return reading(lake, waiting.files, async () => numberIn(await session.row('count waiting records', sql), 'n'));
}

const writeWaiting = ({ lake, session }: Run, { table }: Opened, select: string): Promise<readonly DataFile[]> =>
  writeRows(lake, session, { definition: SILVER_WAITING, table, select });

async function commitWaiting({ lake }: Run, add: readonly DataFile[], remove: readonly DataFile[]): Promise<void> {
  if (add.length + remove.length === 0) return;
  try {
    await commit(lake.catalog, SILVER_WAITING.id, {
      operation: remove.length > 0 ? 'overwrite' : 'append',
      add,
      remove: remove.map((file) => file.path),
    });
  } catch (error) {
    await discardUnlessUnknown(lake, add, error);
    throw error;
  }
}
