import { TOPICS } from '@watchkeeper/domain';
import { LmdbEventLog } from '@watchkeeper/event-log/lmdb';
import { IcebergLakehouse } from '@watchkeeper/lakehouse/iceberg-lakehouse';
import { anEventRecord } from '../fixtures/stream';
import { anAcceptedTurn } from '../fixtures/turns';
import { aJudge, judgedRecords, landEverything, recordsOf, SOME_TURNS } from './a-week';
import { Folder } from './a-folder';

/**
 * Chapter 5. The log is made for going through once, in order. Questions about weeks are asked of the *lake*: Iceberg
 * tables in a folder, which Spark, Trino, DuckDB and PyIceberg read as well. They come in three layers. *Bronze* is the
 * log, record by record. *Silver* has one row a turn, with everything that became known of it. *Gold* has the weeks.
 */
describe('5. From the log to the lake', () => {
  let folder: Folder;
  let log: LmdbEventLog;
  let lake: IcebergLakehouse;

  beforeAll(async () => {
    folder = await Folder.make();
    log = folder.keep(LmdbEventLog.open({ dir: folder.of('log') }));
    await log.append(SOME_TURNS.map(anEventRecord));
    await log.append(await judgedRecords(aJudge(), await recordsOf(log, TOPICS.events)));
    lake = folder.keep(await IcebergLakehouse.open({ dir: folder.of('lake') }));
  });
  afterAll(() => folder.end());

  it('lands every record exactly once', async () => {
    // Six events, six verdicts, one alert.
    expect(await landEverything(log, lake)).toBe(13);

    // How far the lake has come is written in the table itself, in the same commit as the rows. Whoever lands next, after
    // whatever crash, begins right there: there is nothing left to land, and nothing is landed twice.
    expect(await landEverything(log, lake)).toBe(0);
    const bronze = (await lake.counts()).bronze.find(({ topic }) => topic === TOPICS.events);
    expect(bronze).toMatchObject({ rows: 6, distinct: 6 });
  });

  it('joins what belongs together, and counts the week', async () => {
    expect(await lake.refresh()).toMatchObject({ turnsAdded: 6, weeks: [{ tenant: 'acme', week: '2026-W47' }] });

    // A week is an ISO week in UTC, and a turn belongs to the week in which it was said.
    const facts = await lake.weekFacts('acme', '2026-W47');
    const { turns, conversations, alerts, judged } = facts!.all.metrics;
    expect([turns.n, conversations.n, judged.n, alerts.n]).toEqual([6, 3, 6, 1]);
    expect(facts!.all.byCategory).toContainEqual({ category: 'violence', alerts: 1, actedOn: 0 });
  });

  it('opens a week again for what comes late', async () => {
    // A phone was offline: what was said in it last week arrives only now.
    const late = anAcceptedTurn({ id: 'evt-0', conversationId: 'c-0', saidAt: '2026-11-12T18:00:00.000Z' });
    await log.append([anEventRecord(late)]);
    await landEverything(log, lake);
    expect(await lake.refresh()).toMatchObject({ turnsAdded: 1, weeks: [{ tenant: 'acme', week: '2026-W46' }] });
    expect(await lake.weeks('acme')).toEqual(['2026-W46', '2026-W47']);

    // Only that week was counted anew, and every layer agrees with the one below.
    const { turns } = await lake.counts();
    expect(turns).toEqual({ bronze: 7, silver: 7, silverDistinct: 7, gold: 7 });
  });
});

// The numbers of the stream and those of the lake come from one definition: chapter 6.
