import { columnList } from '../duckdb';
import { commit } from '../iceberg';
import { SILVER_WAITING } from '../tables';
import { numberIn, reading, rowsSql, type Opened } from './lake';
import type { Run } from './run';
import { discardUnlessUnknown, writeRows } from './write';

const NAMES = columnList(SILVER_WAITING.columns.map((column) => column.name));
const PLACE = `topic, "partition", "offset"`;

/**
 * Records whose turn has not come. Before the turns are committed those that begin to wait are added (`keep`); only
 * after it those that have been joined are taken out (`drop`). Killed between the two, a record is joined twice,
 * which changes nothing; the other way round it would be lost.
 */
export async function replaceWaiting(run: Run, waiting: Opened, what: 'keep' | 'drop'): Promise<void> {
  const { lake, session } = run;
  const known = rowsSql(lake, waiting, waiting.files);
  const counts = await reading(lake, waiting.files, () =>
    session.row(
      'count waiting records',
      `SELECT (SELECT count(*) FROM unmatched u ANTI JOIN ${known} k USING (${PLACE})) AS beginning,
        (SELECT count(*) FROM ${known} k ANTI JOIN unmatched u USING (${PLACE})) AS joined`,
    ),
  );
  if (numberIn(counts, what === 'keep' ? 'beginning' : 'joined') === 0) return;

  const select =
    what === 'keep'
      ? `SELECT ${NAMES} FROM ${known} UNION ALL
         SELECT ${NAMES} FROM updates WHERE (${PLACE}) IN (SELECT (${PLACE}) FROM unmatched)
           AND (${PLACE}) NOT IN (SELECT (${PLACE}) FROM ${known})`
      : `SELECT ${NAMES} FROM ${known} WHERE (${PLACE}) IN (SELECT (${PLACE}) FROM unmatched)`;
  const add = await writeRows(lake, session, { definition: SILVER_WAITING, table: waiting.table, select });
  try {
    await commit(lake.catalog, SILVER_WAITING.id, {
      operation: 'overwrite',
      add,
      remove: waiting.files.map((file) => file.path),
    });
  } catch (error) {
    await discardUnlessUnknown(lake, add, error);
    throw error;
  }
}
