import { randomUUID } from 'node:crypto';
import { weekBounds, type WeekId } from '@watchkeeper/domain';
import {
  attributedSql,
  columnList,
  literal,
  measuresSql,
  provenanceSql,
  rowsOf,
  TURN_FACT_COLUMNS,
  type DuckSession,
} from '../duckdb';
import { commit, CommitConflict, type DataFile } from '../iceberg';
import { GOLD_QUALITY, GOLD_TOTALS, SILVER_EVALUATIONS, SILVER_TURNS, type TableDefinition } from '../tables';
import { openTable, reading, rowsSql, snapshotIdOf, type Lake, type Opened } from './lake';
import { BUILT, builtFrom, builtNow, dueWeeks, type TenantWeek } from './open-weeks';
import { discardUnlessUnknown, writeRows } from './write';

const DAY_MS = 86_400_000;
const PLACE_COLUMNS = ['role', 'seq', 'event_id', 'appended_at', 'log_partition', 'log_offset'] as const;
const TURN_COLUMNS: readonly string[] = [...TURN_FACT_COLUMNS, ...PLACE_COLUMNS];

/** Builds gold for every week that is behind: each week whole, all of them in one commit a table. */
export async function buildGold(lake: Lake, session: DuckSession): Promise<readonly TenantWeek[]> {
  const turns = await openTable(lake, SILVER_TURNS.id);
  const evaluations = await openTable(lake, SILVER_EVALUATIONS.id);
  const totals = await openTable(lake, GOLD_TOTALS.id);
  const silver = [turns.table, evaluations.table];
  const due = dueWeeks(silver, builtFrom(totals.table));
  if (due.length === 0) return [];

  const weeks = [...new Set(due.map(({ week }) => week))];
  const quality = await openTable(lake, GOLD_QUALITY.id);
  await reading(lake, [...turns.files, ...evaluations.files], async () => {
    await attribute(lake, session, { turns, evaluations, weeks });
    await session.run('begin gold', emptyTable('quality_rows', quality));
    await session.run('begin gold', emptyTable('total_rows', totals));
    for (const week of weeks) await measureWeek(lake, session, turns, week);
  });
  const summary = {
    'watchkeeper.run-id': randomUUID(),
    'watchkeeper.silver-snapshots': JSON.stringify({
      [SILVER_TURNS.id]: snapshotIdOf(turns.table),
      [SILVER_EVALUATIONS.id]: snapshotIdOf(evaluations.table),
    }),
  };
  await replaceWeeks(lake, session, { definition: GOLD_QUALITY, gold: quality, rows: 'quality_rows', weeks, summary });
  // Totals last: they say what gold has been built from.
  const properties = { [BUILT]: JSON.stringify(builtNow(silver)) };
  await replaceWeeks(lake, session, {
    definition: GOLD_TOTALS,
    gold: totals,
    rows: 'total_rows',
    weeks,
    summary,
    properties,
  });
  return due;
}

const emptyTable = (name: string, { fields }: Opened): string =>
  `CREATE OR REPLACE TEMP TABLE ${name} AS SELECT * FROM ${rowsOf([], fields)}`;

/** The evaluations that count in these weeks, as the table `attributed`. */
async function attribute(
  lake: Lake,
  session: DuckSession,
  from: { readonly turns: Opened; readonly evaluations: Opened; readonly weeks: readonly WeekId[] },
): Promise<void> {
  const { turns, evaluations, weeks } = from;
  const rated = rowsSql(lake, evaluations, evaluations.files);
  const { n } = await session.row(
    'count rated conversations',
    `SELECT count(*) AS n FROM ${rated} WHERE turn_id IS NULL`,
  );
  const ofWeeks = weeks.flatMap((week) => filesOfWeek(turns.files, week));
  const relation = (files: readonly DataFile[]) => rowsSql(lake, turns, files, { columns: TURN_COLUMNS });
  await session.run(
    'attribute evaluations',
    `CREATE OR REPLACE TEMP TABLE attributed AS SELECT * FROM (
       ${attributedSql(rated, relation(ofWeeks), relation(Number(n) > 0 ? turns.files : []))})
     WHERE week IN (${weeks.map(literal).join(', ')})`,
  );
}

/** The files of a week: silver is cut by day, and a week is seven whole days. */
function filesOfWeek(files: readonly DataFile[], week: WeekId): readonly DataFile[] {
  const { startMs, endMs } = weekBounds(week);
  return files.filter((file) => {
    const day = Number(file.partition['said_at_day']);
    return day * DAY_MS >= startMs && day * DAY_MS < endMs;
  });
}

async function measureWeek(lake: Lake, session: DuckSession, turns: Opened, week: WeekId): Promise<void> {
  const facts = rowsSql(lake, turns, filesOfWeek(turns.files, week), { columns: TURN_FACT_COLUMNS });
  const rated = `(SELECT * FROM attributed WHERE week = ${literal(week)})`;
  await session.run(
    'measure a week',
    `CREATE OR REPLACE TEMP TABLE measured AS SELECT ${literal(week)} AS week, * FROM (${measuresSql(facts, rated)})`,
  );
  await session.run(
    'keep segments of a week',
    `INSERT INTO quality_rows BY NAME SELECT * EXCLUDE (grain) FROM measured WHERE grain = 'segment'`,
  );
  await session.run(
    'keep totals of a week',
    `INSERT INTO total_rows BY NAME
     SELECT m.* EXCLUDE (surface, "language"), p.* EXCLUDE (tenant)
     FROM measured m JOIN (${provenanceSql(facts)}) p USING (tenant) WHERE m.grain <> 'segment'`,
  );
}

async function replaceWeeks(
  lake: Lake,
  session: DuckSession,
  change: {
    readonly definition: TableDefinition;
    readonly gold: Opened;
    readonly rows: string;
    readonly weeks: readonly WeekId[];
    readonly summary: Readonly<Record<string, string>>;
    readonly properties?: Readonly<Record<string, string>>;
  },
): Promise<void> {
  const { definition, gold, rows, weeks, summary, properties } = change;
  const columns = columnList(definition.columns.map((column) => column.name));
  const add = await writeRows(lake, session, {
    definition,
    table: gold.table,
    select: `SELECT ${columns} FROM ${rows}`,
  });
  const replaced = gold.files.filter((file) => weeks.some((week) => file.partition['week'] === week));
  try {
    await commit(lake.catalog, definition.id, {
      operation: 'overwrite',
      add,
      remove: replaced.map((file) => file.path),
      decide: ({ 'current-snapshot-id': current }) => {
        if (current !== gold.table.metadata['current-snapshot-id']) {
          throw new CommitConflict(`someone else has written ${definition.id}`);
        }
        return { summary, ...(properties && { properties }) };
      },
    });
  } catch (error) {
    await discardUnlessUnknown(lake, add, error);
    throw error;
  }
}
