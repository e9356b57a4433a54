import { TOPICS, type WeekId } from '@watchkeeper/domain';
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
  weekSql,
  type DuckSession,
} from '../duckdb';
import { commit, CommitConflict, type DataFile } from '../iceberg';
import { BRONZE_COLUMNS, bronzeTableOf, SILVER_EVALUATIONS, SILVER_TURNS, SILVER_WAITING } from '../tables';
import { numberIn, openTable, reading, rowsSql, runSteps, type Lake, type Opened } from './lake';
import { OPEN_WEEKS, withOpened, type TenantWeek } from './open-weeks';
import { advanced, openSource, SOURCES, sourcesOf, type Source } from './sources';
import type { Run } from './run';
import { replaceWaiting } from './waiting';
import { discardUnlessUnknown, writeRows } from './write';

export interface TurnsChange {
  readonly added: number;
  readonly updated: number;
  /** Bronze holds more than one pass has read. */
  readonly hasMore: boolean;
}

const NO_CHANGE: TurnsChange = { added: 0, updated: 0, hasMore: false };
/** Rows of each topic in one pass: bounds memory, and the work that a crash undoes. */
const PASS_ROWS_MAX = 100_000;

// Events last: what an update speaks of was in the log before it, so almost nothing has to wait.
const SOURCE_TOPICS = [TOPICS.actions, TOPICS.alerts, TOPICS.verdicts, TOPICS.events] as const;
const BRONZE_NAMES = columnList(BRONZE_COLUMNS.map((column) => column.name));
const COLUMN_NAMES = columnList(SILVER_TURNS.columns.map((column) => column.name));
const NARROW = ['event_uid', 'event_hash', 'event_id', 'conversation_key', 'actions'];

/** Brings silver.turns nearer to bronze: one pass, one commit. */
export async function refreshTurns(run: Run): Promise<TurnsChange> {
  const { lake, session, full } = run;
  const silver = await openTable(lake, SILVER_TURNS.id);
  const read = full ? {} : sourcesOf(silver.table);
  const sources: Source[] = [];
  for (const topic of SOURCE_TOPICS) {
    const id = bronzeTableOf(topic);
    sources.push(await openSource(lake, id, read[id] ?? {}, full ? Infinity : PASS_ROWS_MAX));
  }
  if (!full && sources.some((source) => source.isRestarted)) return refreshTurns({ ...run, full: true });
  if (!full && sources.every((source) => source.fresh.length === 0)) {
    // Maintenance makes snapshots too. Reading keeps up with them, or their expiry would have it begin again.
    const isBehind = JSON.stringify(advanced(read, sources)) !== JSON.stringify(read);
    if (isBehind) await commitTurns(run, { silver, sources, add: [], remove: [], opened: [] });
    return NO_CHANGE;
  }

  const waiting = await openTable(lake, SILVER_WAITING.id);
  const waitingFiles = full ? [] : waiting.files;
  const readFiles = [...sources.flatMap((source) => source.fresh), ...waitingFiles];
  const touched = await reading(lake, [...readFiles, ...(full ? [] : silver.files)], async () => {
    await readSources(run, sources, { ...waiting, files: waitingFiles });
    const hit = await findHits(run, silver);
    await runSteps(session, MERGE_STEPS);
    await runSteps(session, [UNMATCHED_STEP]);
    return hit;
  });

  await replaceWaiting(run, waiting, 'keep');
  const change = full ? await rewriteAll(run, silver, sources) : await applyChanges(run, silver, sources, touched);
  await replaceWaiting(run, await openTable(lake, SILVER_WAITING.id), 'drop');
  return change;
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
async function findHits({ lake, session, full }: Run, silver: Opened): Promise<readonly DataFile[]> {
  const files = full ? [] : silver.files;
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

async function applyChanges(
  run: Run,
  silver: Opened,
  sources: readonly Source[],
  hit: readonly DataFile[],
): Promise<TurnsChange> {
  const { lake, session } = run;
  const read = sources.flatMap((source) => source.fresh);
  await reading(lake, [...read, ...hit], () => runSteps(session, [changedStep(hit.length > 0)]));
  const counts = await session.row(
    'count changes',
    'SELECT count(*) FILTER (WHERE is_new) AS added, count(*) AS changed FROM changed',
  );
  const added = numberIn(counts, 'added');
  const updated = numberIn(counts, 'changed') - added;
  // A file whose rows all stay as they are is left alone.
  const replaced = await filesNamed(
    lake,
    session,
    hit,
    'SELECT DISTINCT filename FROM hits WHERE event_uid IN (SELECT event_uid FROM changed)',
  );
  const kept = `SELECT ${COLUMN_NAMES} FROM ${rowsSql(lake, silver, replaced)} s
    WHERE s.event_uid NOT IN (SELECT event_uid FROM changed)`;
  const select = `SELECT ${COLUMN_NAMES} FROM merged WHERE event_uid IN (SELECT event_uid FROM changed)${replaced.length > 0 ? ` UNION ALL ${kept}` : ''}`;
  const add =
    added + updated === 0
      ? []
      : await reading(lake, [...read, ...replaced], () =>
          writeRows(lake, session, { definition: SILVER_TURNS, table: silver.table, select }),
        );
  await commitTurns(run, { silver, sources, add, remove: replaced, opened: await openedWeeks(run, silver) });
  return { added, updated, hasMore: sources.some((source) => source.hasMore) };
}

async function rewriteAll(run: Run, silver: Opened, sources: readonly Source[]): Promise<TurnsChange> {
  const { lake, session } = run;
  const read = sources.flatMap((source) => source.fresh);
  const add = await reading(lake, read, () =>
    writeRows(lake, session, {
      definition: SILVER_TURNS,
      table: silver.table,
      select: `SELECT ${COLUMN_NAMES} FROM merged`,
    }),
  );
  // Every week that is there now or was there before: a turn may have moved out of one.
  const opened = await weeksOf(
    session,
    [...(await readableFiles(silver, lake)), ...add].map((file) => file),
    (files) => rowsSql(lake, silver, files, { columns: ['tenant', 'said_at'] }),
  );
  await commitTurns(run, { silver, sources, add, remove: silver.files, opened });
  return { added: add.reduce((sum, file) => sum + Number(file.recordCount), 0), updated: 0, hasMore: false };
}

/** A rebuild also mends a silver whose files are damaged; their weeks are then known from gold alone. */
async function readableFiles(silver: Opened, lake: Lake): Promise<readonly DataFile[]> {
  try {
    await reading(lake, silver.files, () =>
      lake.duck.with((session) =>
        session.row('look over silver', `SELECT count(said_at) FROM ${rowsSql(lake, silver, silver.files)}`),
      ),
    );
    return silver.files;
  } catch {
    return [];
  }
}

async function weeksOf(
  session: DuckSession,
  files: readonly DataFile[],
  sql: (files: readonly DataFile[]) => string,
): Promise<readonly TenantWeek[]> {
  return tenantWeeks(session, `SELECT tenant, said_at FROM ${sql(files)}`);
}

async function tenantWeeks(session: DuckSession, turns: string): Promise<readonly TenantWeek[]> {
  const rows = await session.rows(
    'find open weeks',
    `SELECT DISTINCT tenant, ${weekSql('day')} AS week
     FROM (SELECT DISTINCT tenant, date_trunc('day', said_at) AS day FROM (${turns}))`,
  );
  // Shapes as selected.
  return rows.map((row) => ({ tenant: row['tenant'] as string, week: row['week'] as WeekId }));
}

/**
 * Weeks that changed turns belong to, now or before; and, since a rating of a conversation counts where its last turn
 * stands, all weeks of conversations that have one.
 */
async function openedWeeks(run: Run, silver: Opened): Promise<readonly TenantWeek[]> {
  const { lake, session } = run;
  const evaluations = await openTable(lake, SILVER_EVALUATIONS.id);
  const rated = `SELECT DISTINCT conversation_key FROM ${rowsSql(lake, evaluations, evaluations.files)}
    WHERE turn_id IS NULL AND conversation_key IN (SELECT conversation_key FROM changed)`;
  const touched = `SELECT tenant, said_at FROM changed
    UNION ALL SELECT tenant, said_at FROM hits WHERE event_uid IN (SELECT event_uid FROM changed)`;
  return reading(lake, [...evaluations.files, ...silver.files], async () => {
    const { n } = await session.row('count rated conversations', `SELECT count(*) AS n FROM (${rated})`);
    if (Number(n) === 0) return tenantWeeks(session, touched);
    const all = rowsSql(lake, silver, silver.files, { columns: ['tenant', 'said_at', 'conversation_key'] });
    return tenantWeeks(
      session,
      `${touched} UNION ALL SELECT tenant, said_at FROM ${all} WHERE conversation_key IN (${rated})`,
    );
  });
}

async function commitTurns(
  run: Run,
  change: {
    readonly silver: Opened;
    readonly sources: readonly Source[];
    readonly add: readonly DataFile[];
    readonly remove: readonly DataFile[];
    readonly opened: readonly TenantWeek[];
  },
): Promise<void> {
  const { silver, sources, add, remove, opened } = change;
  const before = silver.table.metadata.properties[SOURCES];
  const read = JSON.stringify(advanced(run.full ? {} : sourcesOf(silver.table), sources));
  try {
    await commit(run.lake.catalog, SILVER_TURNS.id, {
      operation: remove.length > 0 ? 'overwrite' : 'append',
      add,
      remove: remove.map((file) => file.path),
      decide: (metadata) => {
        if (metadata.properties[SOURCES] !== before) {
          throw new CommitConflict(`someone else has refreshed ${SILVER_TURNS.id}`);
        }
        const open = withOpened(metadata, opened, run.built[SILVER_TURNS.id] ?? 0);
        return { properties: { [SOURCES]: read, [OPEN_WEEKS]: open }, summary: { [SOURCES]: read } };
      },
    });
  } catch (error) {
    await discardUnlessUnknown(run.lake, add, error);
    throw error;
  }
}
