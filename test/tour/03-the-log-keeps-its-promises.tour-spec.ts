import { GROUPS, TOPICS } from '@watchkeeper/domain';
import type { StoredRecord } from '@watchkeeper/event-log';
import { LmdbEventLog } from '@watchkeeper/event-log/lmdb';
import { until } from '../fixtures/action-app';
import { anEventRecord } from '../fixtures/stream';
import { anAcceptedTurn } from '../fixtures/turns';
import { aJudge, judgedRecords, recordsOf } from './a-week';
import { Folder } from './a-folder';

/**
 * Chapter 3. The services never call each other. They meet on the *log*: the door appends events, the stream reads them
 * and appends verdicts and alerts, the action service reads those. The log is the only source of truth, and its promises
 * are why nothing that was acknowledged is ever lost or done twice. (`libs/event-log/src/event-log.ts` lists all ten.)
 */
describe('3. The log keeps its promises', () => {
  let folder: Folder;
  let log: LmdbEventLog;

  beforeAll(async () => {
    folder = await Folder.make();
    log = folder.keep(LmdbEventLog.open({ dir: folder.of('log'), partitions: 4 }));
  });
  afterAll(() => folder.end());

  const hello = anAcceptedTurn({ id: 'evt-1', text: 'Which ferry goes to the island on Sunday?' });
  const threat = anAcceptedTurn({ id: 'evt-2', text: 'I will bring a storm upon your house.' });

  it('has on disk what it has acknowledged', async () => {
    // `append` resolves when the records would survive the end of the process. Only then does the door answer 202.
    const [first, second] = await log.append([anEventRecord(hello), anEventRecord(threat)]);
    expect([first!.outcome, second!.outcome]).toEqual(['appended', 'appended']);

    // Both turns are of one conversation, so they lie in one partition, in their order.
    expect(second!.position).toEqual({ ...first!.position, offset: first!.position.offset + 1 });
  });

  it('takes each event once, however often it is posted', async () => {
    // A poster that heard no answer posts again. The id is known, so the log says where the first one stands.
    const [again] = await log.append([anEventRecord(hello)]);
    expect(again!.outcome).toBe('duplicate');
    expect(again!.position).toEqual(await log.find(TOPICS.events, hello.uid));

    // The same id with another body is a conflict: the first one stands, and the poster is told.
    const record = { ...anEventRecord(hello), id: 'evt-with-fingerprint' };
    await log.append([{ ...record, fingerprint: 'of the first body' }]);
    const [conflict] = await log.append([{ ...record, fingerprint: 'of another body' }]);
    expect(conflict!.outcome).toBe('conflict');
    expect(await recordsOf(log, TOPICS.events)).toHaveLength(3);
  });

  it('delivers a batch until it is done with, and commits what came of it together with the position', async () => {
    const judge = aJudge();
    let tries = 0;
    const subscription = await log.subscribe({
      topics: [TOPICS.events],
      group: GROUPS.judge,
      recordsMax: 100,
      handle: async ({ records }) => {
        if (++tries === 1) throw new Error('the first try fails half way');
        return judgedRecords(judge, records);
      },
    });
    await until(async () => (await log.lag(TOPICS.events, GROUPS.judge)).every(({ records }) => records === 0));
    await subscription.stop();

    // The verdicts and the group's position went into the log in one transaction: there is no moment at which a crash
    // could leave one without the other.
    expect(tries).toBeGreaterThan(1);
    expect(eventIds(await recordsOf(log, TOPICS.verdicts))).toEqual(['evt-1', 'evt-2']);
    expect(eventIds(await recordsOf(log, TOPICS.alerts))).toEqual(['evt-2']);
  });

  it('has it all after a restart', async () => {
    await log.close();
    log = folder.keep(LmdbEventLog.open({ dir: folder.of('log') }));
    expect(await recordsOf(log, TOPICS.events)).toHaveLength(3);
    expect(await log.lag(TOPICS.events, GROUPS.judge)).toMatchObject(Array(4).fill({ records: 0 }));
  });

  function eventIds(records: readonly StoredRecord[]): string[] {
    return records.map(({ value }) => (JSON.parse(Buffer.from(value).toString('utf8')) as { eventId: string }).eventId);
  }
});

// What was judged once can be judged again: chapter 4.
