import { TOPICS, type WeekId } from '@watchkeeper/domain';
import {
  columnList,
  EVALUATION_STEPS,
  evaluationHitsStep,
  EVALUATIONS_CHANGED_STEP,
  MODELS_CHANGED_STEP,
  weekSql,
} from '../duckdb';
import { commit, CommitConflict, type DataFile } from '../iceberg';
import { bronzeTableOf, SILVER_EVALUATIONS, SILVER_MODELS, SILVER_TURNS, type TableDefinition } from '../tables';
import { numberIn, openTable, reading, rowsSql, runSteps, type Opened } from './lake';
import { OPEN_WEEKS, withOpened, type TenantWeek } from './open-weeks';
import type { Run } from './run';
import { advanced, openSource, SOURCES, sourcesOf, type Source } from './sources';
import { discardUnlessUnknown, writeRows } from './write';

const NAMES = columnList(SILVER_EVALUATIONS.columns.map((column) => column.name));

/** Brings silver.evaluations up to bronze in one commit; says how many are new. */
export async function refreshEvaluations(run: Run): Promise<number> {
  const { lake, session, full } = run;
  const silver = await openTable(lake, SILVER_EVALUATIONS.id);
  const files = full ? [] : silver.files;
  const source = await openEvaluationSource(run, silver, bronzeTableOf(TOPICS.evaluations));
  if (!full && source.fresh.length === 0) return 0;

  return reading(lake, [...source.fresh, ...files], async () => {
    const known = rowsSql(lake, silver, files, { withFile: true });
    await runSteps(session, [
      { what: 'open evaluations', sql: viewOf('evaluation_records', rowsSql(lake, source, source.fresh)) },
      ...EVALUATION_STEPS,
      evaluationHitsStep(known),
      EVALUATIONS_CHANGED_STEP,
    ]);
    const changed = 'SELECT evaluation_uid FROM evaluations_changed';
    const counts = await session.row(
      'count evaluations',
      `SELECT count(*) AS n FROM (${changed} EXCEPT SELECT evaluation_uid FROM evaluation_hits)`,
    );
    const names = await session.rows(
      'name files',
      `SELECT DISTINCT filename FROM evaluation_hits WHERE evaluation_uid IN (${changed})`,
    );
    const named = new Set(names.map((row) => row['filename']));
    const replaced = full ? silver.files : files.filter((file) => named.has(lake.catalog.storage.localPath(file.path)));
    const kept = full
      ? ''
      : ` UNION ALL SELECT ${NAMES} FROM ${rowsSql(lake, silver, replaced)} s WHERE s.evaluation_uid NOT IN (${changed})`;
    const select = `SELECT ${NAMES} FROM evaluations_changed${kept}`;
    const add = await writeRows(lake, session, { definition: SILVER_EVALUATIONS, table: silver.table, select });
    const opened = await openedWeeks(run);
    await commitSilver(run, { definition: SILVER_EVALUATIONS, silver, source, add, remove: replaced, opened });
    return numberIn(counts, 'n');
  });
}

/** Brings silver.models up to bronze; a small table, written whole. */
export async function refreshModels(run: Run): Promise<void> {
  const { lake, session, full } = run;
  const silver = await openTable(lake, SILVER_MODELS.id);
  const source = await openEvaluationSource(run, silver, bronzeTableOf(TOPICS.models));
  if (!full && source.fresh.length === 0) return;
  const files = full ? [] : silver.files;
  await reading(lake, [...source.fresh, ...files], async () => {
    await runSteps(session, [
      { what: 'open model records', sql: viewOf('model_records', rowsSql(lake, source, source.fresh)) },
      { what: 'open models', sql: viewOf('models', rowsSql(lake, silver, files)) },
      MODELS_CHANGED_STEP,
    ]);
    const select = 'SELECT * FROM models_known';
    const add = await writeRows(lake, session, { definition: SILVER_MODELS, table: silver.table, select });
    await commitSilver(run, { definition: SILVER_MODELS, silver, source, add, remove: silver.files, opened: [] });
  });
}

const viewOf = (name: string, rows: string): string => `CREATE OR REPLACE TEMP VIEW ${name} AS SELECT * FROM ${rows}`;

const openEvaluationSource = ({ lake, full }: Run, { table }: Opened, id: string): Promise<Source> =>
  openSource(lake, id, full ? {} : (sourcesOf(table)[id] ?? {}), Infinity);

/** Weeks in which changed evaluations count: of their turn, or of any turn of their conversation. */
async function openedWeeks({ lake, session, full }: Run): Promise<readonly TenantWeek[]> {
  // A rebuild has opened every week already, with the turns.
  if (full) return [];
  const turns = await openTable(lake, SILVER_TURNS.id);
  const all = rowsSql(lake, turns, turns.files, { columns: ['tenant', 'said_at', 'conversation_key', 'event_id'] });
  const rated = `SELECT * FROM evaluations_changed UNION ALL SELECT * EXCLUDE (filename) FROM evaluation_hits
    WHERE evaluation_uid IN (SELECT evaluation_uid FROM evaluations_changed)`;
  const rows = await reading(lake, turns.files, () =>
    session.rows(
      'find weeks of evaluations',
      `WITH rated AS (${rated})
      SELECT DISTINCT tenant, ${weekSql('said_at')} AS week FROM (
        SELECT tenant, said_at FROM ${all}
        WHERE (conversation_key, event_id) IN (SELECT (conversation_key, turn_id) FROM rated WHERE turn_id IS NOT NULL)
        UNION ALL SELECT tenant, said_at FROM ${all}
        WHERE conversation_key IN (SELECT conversation_key FROM rated WHERE turn_id IS NULL))`,
    ),
  );
  // Shapes as selected.
  return rows.map((row) => ({ tenant: row['tenant'] as string, week: row['week'] as WeekId }));
}

async function commitSilver(
  run: Run,
  change: {
    readonly definition: TableDefinition;
    readonly silver: Opened;
    readonly source: Source;
    readonly add: readonly DataFile[];
    readonly remove: readonly DataFile[];
    readonly opened: readonly TenantWeek[];
  },
): Promise<void> {
  const { definition, silver, source, add, remove, opened } = change;
  const before = silver.table.metadata.properties[SOURCES];
  const read = JSON.stringify(advanced(sourcesOf(silver.table), [source]));
  try {
    await commit(run.lake.catalog, definition.id, {
      operation: remove.length > 0 ? 'overwrite' : 'append',
      add,
      remove: remove.map((file) => file.path),
      decide: (metadata) => {
        if (metadata.properties[SOURCES] !== before) {
          throw new CommitConflict(`someone else has refreshed ${definition.id}`);
        }
        const open = withOpened(metadata, opened, run.built[definition.id] ?? 0);
        return { properties: { [SOURCES]: read, [OPEN_WEEKS]: open }, summary: { [SOURCES]: read } };
      },
    });
  } catch (error) {
    await discardUnlessUnknown(run.lake, add, error);
    throw error;
  }
}
