import { LANDED_TOPICS, TOPICS, type LandedTopic } from '@watchkeeper/domain';
import { IS_EVALUATION, IS_TURN, type Row } from '../duckdb';
import type { LakeCounts } from '../lakehouse';
import { bronzeTableOf, GOLD_QUALITY, SILVER_EVALUATIONS, SILVER_TURNS } from '../tables';
import { numberIn, openTable, reading, rowsSql, snapshotIdOf, type Lake } from './lake';
import { offsetList, offsetsOf } from './landing';

/** Counted from the data files, not from the manifests' totals: this is what is compared with the log. */
export async function countLake(lake: Lake): Promise<LakeCounts> {
  const bronze: LakeCounts['bronze'][number][] = [];
  for (const topic of LANDED_TOPICS) bronze.push(await countBronze(lake, topic));

  const turns = await countRows(lake, SILVER_TURNS.id, {
    silver: 'count(*)',
    distinct_turns: 'count(DISTINCT event_uid)',
  });
  const evaluations = await countRows(lake, SILVER_EVALUATIONS.id, {
    silver: 'count(*)',
    distinct_evaluations: 'count(DISTINCT evaluation_uid)',
  });
  const bronzeTurns = await countRows(lake, bronzeTableOf(TOPICS.events), {
    n: `count(DISTINCT event_uid) FILTER (WHERE ${IS_TURN})`,
  });
  const bronzeEvaluations = await countRows(lake, bronzeTableOf(TOPICS.evaluations), {
    n: `count(DISTINCT event_uid) FILTER (WHERE ${IS_EVALUATION})`,
  });
  const gold = await countRows(lake, GOLD_QUALITY.id, { n: 'coalesce(sum(turns), 0)' });
  return {
    bronze,
    turns: {
      bronze: numberIn(bronzeTurns, 'n'),
      silver: numberIn(turns, 'silver'),
      silverDistinct: numberIn(turns, 'distinct_turns'),
      gold: numberIn(gold, 'n'),
    },
    evaluations: {
      bronze: numberIn(bronzeEvaluations, 'n'),
      silver: numberIn(evaluations, 'silver'),
      silverDistinct: numberIn(evaluations, 'distinct_evaluations'),
    },
  };
}

async function countBronze(lake: Lake, topic: LandedTopic): Promise<LakeCounts['bronze'][number]> {
  const bronze = await openTable(lake, bronzeTableOf(topic));
  const rows = rowsSql(lake, bronze, bronze.files, { columns: ['partition', 'offset'] });
  const counts = await reading(lake, bronze.files, () =>
    lake.duck.with((session) =>
      session.row(
        `count ${topic}`,
        `SELECT coalesce(sum(n), 0) AS n, coalesce(sum(d), 0) AS d FROM (
           SELECT count(*) AS n, count(DISTINCT "offset") AS d FROM ${rows} GROUP BY "partition")`,
      ),
    ),
  );
  return {
    topic,
    rows: numberIn(counts, 'n'),
    distinct: numberIn(counts, 'd'),
    offsets: offsetList(offsetsOf(bronze.table)),
  };
}

async function countRows(lake: Lake, id: string, expressions: Readonly<Record<string, string>>): Promise<Row> {
  const opened = await openTable(lake, id);
  const selected = Object.entries(expressions).map(([name, sql]) => `${sql} AS ${name}`);
  return reading(lake, opened.files, () =>
    lake.duck.with((session) =>
      session.row(`count ${id}`, `SELECT ${selected.join(', ')} FROM ${rowsSql(lake, opened, opened.files)}`),
    ),
  );
}

export async function freshestMs(lake: Lake): Promise<number | undefined> {
  const events = await openTable(lake, bronzeTableOf(TOPICS.events));
  if (events.files.length === 0) return undefined;
  const newestDay = Math.max(...events.files.map((file) => Number(file.partition['appended_at_day'])));
  const files = events.files.filter((file) => Number(file.partition['appended_at_day']) === newestDay);
  const row = await reading(lake, files, () =>
    lake.duck.with((session) =>
      session.row(
        'find the newest event',
        `SELECT max(epoch_ms(appended_at)) AS ms FROM ${rowsSql(lake, events, files, { columns: ['appended_at'] })}`,
      ),
    ),
  );
  return numberIn(row, 'ms');
}

export async function snapshotsOf(lake: Lake, ids: readonly string[]): Promise<Readonly<Record<string, string>>> {
  const entries: [string, string][] = [];
  for (const id of ids) {
    const snapshotId = snapshotIdOf(await lake.catalog.load(id));
    if (snapshotId !== undefined) entries.push([id, snapshotId]);
  }
  return Object.fromEntries(entries);
}
