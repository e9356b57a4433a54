import { TOPICS } from '@watchkeeper/domain';
import {
  changedStep,
  columnList,
  hitKeysStep,
  hitsStep,
  literal,
  MERGE_STEPS,
  NEW_TURN_STEPS,
  UNMATCHED_STEP,
  UPDATE_STEPS,
  type DuckSession,
} from '../duckdb';
import type { DataFile } from '../iceberg';
import { BRONZE_COLUMNS, bronzeTableOf, SILVER_TURNS } from '../tables';
import { numberIn, reading, rowsSql, runSteps, type Lake, type Opened } from './lake';
import type { Run } from './run';
import { openSource, type Source, type Sources } from './sources';
import { writeRows } from './write';

/** What a pass starts from: the files of silver and of what waits, and how far bronze has been read. */
export interface Standing {
  readonly silver: Opened;
  readonly waiting: Opened;
  readonly read: Sources;
}

/** Rows of each topic in one pass: bounds memory, and the work that a crash undoes. */
const PASS_ROWS_MAX = 100_000;

// Events last: what an update speaks of was in the log before it, so almost nothing has to wait.
const SOURCE_TOPICS = [TOPICS.actions, TOPICS.alerts, TOPICS.verdicts, TOPICS.events] as const;
const BRONZE_NAMES = columnList(BRONZE_COLUMNS.map((column) => column.name));
const COLUMN_NAMES = columnList(SILVER_TURNS.columns.map((column) => column.name));
const NARROW = ['event_uid', 'event_hash', 'event_id', 'conversation_key', 'actions'];

/** What of bronze the next pass reads. */
export async function openSources(lake: Lake, read: Sources): Promise<readonly Source[]> {
  const sources: Source[] = [];
  for (const topic of SOURCE_TOPICS) {
    const id = bronzeTableOf(topic);
    sources.push(await openSource(lake, id, read[id] ?? {}, PASS_ROWS_MAX));
  }
  return sources;
}

/**
 * Lays what the sources say together with what stands in silver. Leaves the tables `hits`, `changed` and `unmatched`
 * and the views `merged` and `updates` in the session; gives the files of silver that hold hits.
 */
export async function merge(
  run: Run,
  { silver, waiting }: Standing,
  sources: readonly Source[],
): Promise<readonly DataFile[]> {
  const { lake, session } = run;
  const files = [...sources.flatMap((source) => source.fresh), ...waiting.files, ...silver.files];
  return reading(lake, files, async () => {
    await readSources(run, sources, waiting);
    const hit = await findHits(run, silver);
    await runSteps(session, [...MERGE_STEPS, UNMATCHED_STEP, changedStep(hit.length > 0)]);
    return hit;
  });
}

/** Writes what `merge` has found, seen by nobody yet. A file whose rows all stay as they are is left alone. */
export async function writeChanges(
  run: Run,
  { silver }: Standing,
  sources: readonly Source[],
  hit: readonly DataFile[],
): Promise<{
  readonly added: number;
  readonly updated: number;
  readonly add: readonly DataFile[];
  readonly replaced: readonly DataFile[];
}> {
  const { lake, session } = run;
  const counts = await session.row(
    'count changes',
    'SELECT count(*) FILTER (WHERE is_new) AS added, count(*) AS changed FROM changed',
  );
  const added = numberIn(counts, 'added');
  const updated = numberIn(counts, 'changed') - added;
  if (added + updated === 0) return { added, updated, add: [], replaced: [] };

  const changedHits = 'SELECT DISTINCT filename FROM hits WHERE event_uid IN (SELECT event_uid FROM changed)';
  const replaced = await filesNamed(lake, session, hit, changedHits);
  const kept = `SELECT ${COLUMN_NAMES} FROM ${rowsSql(lake, silver, replaced)} s
    WHERE s.event_uid NOT IN (SELECT event_uid FROM changed)`;
  const changed = `SELECT ${COLUMN_NAMES} FROM merged WHERE event_uid IN (SELECT event_uid FROM changed)`;
  const select = replaced.length > 0 ? `${changed} UNION ALL ${kept}` : changed;
  const read = [...sources.flatMap((source) => source.fresh), ...replaced];
  const add = await reading(lake, read, () =>
    writeRows(lake, session, { definition: SILVER_TURNS, table: silver.table, select }),
  );
  return { added, updated, add, replaced };
}

async function readSources({ lake, session }: Run, sources: readonly Source[], waiting: Opened): Promise<void> {
  const updates = sources.map((source, index) => {
    const topic = SOURCE_TOPICS[index]!;
    const wanted = topic === TOPICS.events ? `WHERE "type" = 'feedback'` : '';
    return `SELECT ${literal(topic)} AS topic, ${BRONZE_NAMES} FROM ${rowsSql(lake, source, source.fresh)} ${wanted}`;
  });
  const events = sources[SOURCE_TOPICS.indexOf(TOPICS.events)]!;
  await runSteps(session, [
    {
      what: 'open events',
      sql: `CREATE OR REPLACE TEMP VIEW events AS SELECT * FROM ${rowsSql(lake, events, events.fresh)}`,
    },
    {
      what: 'open updates',
      sql: `CREATE OR REPLACE TEMP VIEW updates AS ${[
        ...updates,
        `SELECT topic, ${BRONZE_NAMES} FROM ${rowsSql(lake, waiting, waiting.files)}`,
      ].join(' UNION ALL ')}`,
    },
    ...NEW_TURN_STEPS,
    ...UPDATE_STEPS,
  ]);
}

/** Loads the rows of silver that the batch speaks of; gives the files that hold them. */
async function findHits({ lake, session }: Run, { files, ...silver }: Opened): Promise<readonly DataFile[]> {
  const has = await session.row(
    'count feedback',
    'SELECT (SELECT count(*) FROM new_feedback) AS feedback, (SELECT count(*) FROM new_undone) AS undone',
  );
  const narrow = rowsSql(lake, silver, files, { columns: NARROW, withFile: true });
  await runSteps(session, [
    hitKeysStep(narrow, { feedback: numberIn(has, 'feedback') > 0, undone: numberIn(has, 'undone') > 0 }),
  ]);
  const named = await filesNamed(lake, session, files, 'SELECT DISTINCT filename FROM hit_keys');
  await runSteps(session, [hitsStep(rowsSql(lake, silver, named, { withFile: true }))]);
  return named;
}

async function filesNamed(lake: Lake, session: DuckSession, files: readonly DataFile[], sql: string) {
  const names = new Set((await session.rows('name files', sql)).map((row) => row['filename']));
  return files.filter((file) => names.has(lake.catalog.storage.localPath(file.path)));
}
