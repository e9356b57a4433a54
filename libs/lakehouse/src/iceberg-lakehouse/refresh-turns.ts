import type { WeekId } from '@watchkeeper/domain';
import { weekSql, type DuckSession } from '../duckdb';
import { commit, CommitConflict, type DataFile } from '../iceberg';
import { GOLD_TOTALS, SILVER_EVALUATIONS, SILVER_TURNS, SILVER_WAITING } from '../tables';
import { openTable, reading, rowsSql, type Opened } from './lake';
import { merge, openSources, writeChanges, type Standing } from './merge-turns';
import { OPEN_WEEKS, withOpened, type TenantWeek } from './open-weeks';
import type { Run } from './run';
import { advanced, SOURCES, sourcesOf, type Sources } from './sources';
import { addWaiting, dropJoined, keepUnmatched, removeWaiting, writeUnmatched } from './waiting';
import { discard, discardUnlessUnknown } from './write';

export interface TurnsChange {
  readonly added: number;
  readonly updated: number;
  /** Bronze holds more than one pass has read. */
  readonly hasMore: boolean;
}

/** Brings silver.turns nearer to bronze: one pass, one commit. */
export async function refreshTurns(run: Run): Promise<TurnsChange> {
  const { lake } = run;
  const silver = await openTable(lake, SILVER_TURNS.id);
  const read = sourcesOf(silver.table);
  const sources = await openSources(lake, read);
  if (sources.some((source) => source.isRestarted)) return rebuildTurns(run);
  const next = advanced(read, sources);
  if (sources.every((source) => source.fresh.length === 0)) {
    // Maintenance makes snapshots too. Reading keeps up with them, or their expiry would have it begin again.
    const isBehind = JSON.stringify(next) !== JSON.stringify(read);
    if (isBehind) await commitTurns(run, { silver, read: next, add: [], remove: [], opened: [] });
    return { added: 0, updated: 0, hasMore: false };
  }
  const standing = { silver, waiting: await openTable(lake, SILVER_WAITING.id), read };
  const hit = await merge(run, standing, sources);
  await keepUnmatched(run, standing.waiting);
  const { added, updated, add, replaced } = await writeChanges(run, standing, sources, hit);
  const opened = await openedWeeks(run, silver);
  await commitTurns(run, { silver, read: next, add, remove: replaced, opened });
  await dropJoined(run, await openTable(lake, SILVER_WAITING.id));
  return { added, updated, hasMore: sources.some((source) => source.hasMore) };
}

/**
 * Makes silver.turns anew from bronze alone: the same passes, upon files that nobody sees before the one commit that
 * puts them in the place of all that was there.
 */
export async function rebuildTurns(run: Run): Promise<TurnsChange> {
  const { lake } = run;
  const silver = await openTable(lake, SILVER_TURNS.id);
  const waiting = await openTable(lake, SILVER_WAITING.id);
  let standing: Standing = { silver: { ...silver, files: [] }, waiting: { ...waiting, files: [] }, read: {} };
  try {
    for (let hasMore = true; hasMore;) {
      const sources = await openSources(lake, standing.read);
      const pass = await rebuildPass(run, standing, sources);
      await discard(lake, [...pass.replaced, ...standing.waiting.files]);
      standing = pass.standing;
      hasMore = sources.some((source) => source.hasMore);
    }
    const { files } = standing.silver;
    const opened = await rebuiltWeeks(run, standing.silver);
    await addWaiting(run, standing.waiting.files);
    await commitTurns(run, { silver, read: standing.read, add: files, remove: silver.files, opened });
    await removeWaiting(run, waiting.files);
    const added = files.reduce((sum, file) => sum + Number(file.recordCount), 0);
    return { added, updated: 0, hasMore: false };
  } catch (error) {
    await discardUnlessUnknown(lake, standing.silver.files, error);
    throw error;
  }
}

async function rebuildPass(run: Run, standing: Standing, sources: Awaited<ReturnType<typeof openSources>>) {
  const hit = await merge(run, standing, sources);
  const { add, replaced } = await writeChanges(run, standing, sources, hit);
  const gone = new Set(replaced);
  const files = [...standing.silver.files.filter((file) => !gone.has(file)), ...add];
  const waiting = await writeUnmatched(run, standing.waiting);
  const next: Standing = {
    silver: { ...standing.silver, files },
    waiting: { ...standing.waiting, files: waiting },
    read: advanced(standing.read, sources),
  };
  return { standing: next, replaced };
}

/** Every week that is there now or was there before: a turn may have moved out of one. */
async function rebuiltWeeks({ lake, session }: Run, silver: Opened): Promise<readonly TenantWeek[]> {
  const totals = await openTable(lake, GOLD_TOTALS.id);
  const before = await reading(lake, totals.files, () =>
    session.rows('list weeks of gold', `SELECT DISTINCT tenant, week FROM ${rowsSql(lake, totals, totals.files)}`),
  );
  const now = rowsSql(lake, silver, silver.files, { columns: ['tenant', 'said_at'] });
  // Shapes as selected.
  return [
    ...before.map((row) => ({ tenant: row['tenant'] as string, week: row['week'] as WeekId })),
    ...(await tenantWeeks(session, `SELECT tenant, said_at FROM ${now}`)),
  ];
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
    readonly read: Sources;
    readonly add: readonly DataFile[];
    readonly remove: readonly DataFile[];
    readonly opened: readonly TenantWeek[];
  },
): Promise<void> {
  const { silver, add, remove, opened } = change;
  const before = silver.table.metadata.properties[SOURCES];
  const read = JSON.stringify(change.read);
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
