import { mkdir, readdir, rm, stat, truncate, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { TOPICS, type LandedTopic } from '@watchkeeper/domain';
import type { Lakehouse, LandingRecord, WeekFacts } from '@watchkeeper/lakehouse';
import {
  aModel,
  aThumbOn,
  aTurn,
  aVerdictOn,
  anActionOn,
  anAlertOn,
  anEvaluation,
  anUndoOf,
  LogOfRecords,
  MONDAY_MS,
  TENANT,
  WEEK,
} from '../fixtures/lake-records';

export interface LakeUnderTest {
  readonly lake: Lakehouse;
  /** The same folder, opened by somebody else. */
  readonly another: () => Promise<Lakehouse>;
  readonly dir: string;
  /** Rows of a table of the lake, sorted; `columns` and the table's name as design.md has them. */
  readonly rowsOf: (table: string, columns: readonly string[]) => Promise<readonly Readonly<Record<string, unknown>>[]>;
}

/** Opens an empty lake. */
export type OpenLake = () => Promise<LakeUnderTest>;

export interface LakePromise {
  readonly number: number;
  readonly title: string;
  readonly check: (open: OpenLake) => Promise<void>;
}

const DAY_MS = 86_400_000;
const WEEK_BEFORE = '2026-W46';
const at = (ms: number): string => new Date(ms).toISOString();
const land = (lake: Lakehouse, log: LogOfRecords, topic: LandedTopic, values: readonly unknown[]) =>
  lake.land(topic, log.identity, log.records(topic, values));
const turnCounts = async (lake: Lakehouse) => (await lake.counts()).turns;
const bronzeOf = async (lake: Lakehouse, topic: LandedTopic) =>
  (await lake.counts()).bronze.find((bronze) => bronze.topic === topic)!;

const TURN_COLUMNS = [
  'event_id',
  'outcome',
  'alert_id',
  'actions',
  'undone',
  'time_to_action_ms',
  'thumbs_up',
  'thumbs_down',
];

/** The numbered promises of the port, each as a check that any adapter must pass and a mutant must fail. */
export const LAKEHOUSE_PROMISES: readonly LakePromise[] = [
  {
    number: 1,
    title: 'a record is in bronze exactly once, whoever lands it and how often; landed says what the table says',
    async check(open) {
      const { lake, another, rowsOf } = await open();
      const log = new LogOfRecords();
      const odd = [
        Buffer.from([0xff, 0xfe, 0x00, 0x41]),
        Buffer.from('not JSON, with \x01 and \n'),
        Buffer.from(''),
        Buffer.from('\x02'),
        Buffer.from('  {"id": "spaces", "text": "\'\\""}\t '),
        Buffer.from('{"id":"lone \\ud800"}'),
        Buffer.from(`{"id":"wide",\n "text":"${'wide '.repeat(300_000)}"}`),
      ];
      const values = [...Array.from({ length: 1_500 }, (_, i) => aTurn(`e-${i}`)), ...odd];
      const records = values.map((value, i) => log.record(TOPICS.events, value, { partition: i % 3 }));
      const other = await another();
      // Two that race for the same records: one of them lands each.
      for (const half of [records.slice(0, 700), records.slice(700)]) {
        const outcomes = await Promise.allSettled([
          lake.land(TOPICS.events, log.identity, half),
          other.land(TOPICS.events, log.identity, half),
        ]);
        expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
      }
      const next = [503, 502, 502];
      expect(await lake.landed(TOPICS.events)).toEqual(next);
      expect(await other.landed(TOPICS.events)).toEqual(next);
      expect(await bronzeOf(lake, TOPICS.events)).toMatchObject({ rows: 1_507, distinct: 1_507, offsets: next });
      const rows = await rowsOf('bronze.conversation_events', ['partition', 'offset', 'key', 'type', 'payload']);
      const byPlace = new Map(rows.map((row) => [`${String(row['partition'])} ${String(row['offset'])}`, row]));
      for (const record of records) expectAsInTheLog(byPlace.get(`${record.partition} ${record.offset}`), record);
    },
  },
  {
    number: 2,
    title: 'a landing that does not begin where the table stands is refused as fenced and changes nothing',
    async check(open) {
      const { lake } = await open();
      const log = new LogOfRecords();
      const records = log.records(TOPICS.events, [aTurn('e-1'), aTurn('e-2'), aTurn('e-3')]);
      const first = await lake.land(TOPICS.events, log.identity, records.slice(0, 2));
      expect(first).toMatchObject({ rows: 2, offsets: [2] });
      const before = await lake.snapshots();

      for (const late of [records.slice(0, 2), records.slice(1), records.slice(1, 2)]) {
        await expect(lake.land(TOPICS.events, log.identity, late)).rejects.toMatchObject({ code: 'fenced' });
      }
      await expect(lake.land(TOPICS.events, 'another-log', records.slice(2))).rejects.toMatchObject({
        code: 'log-recreated',
      });
      expect(await lake.snapshots()).toEqual(before);
      expect(await bronzeOf(lake, TOPICS.events)).toMatchObject({ rows: 2, distinct: 2, offsets: [2] });
      await lake.land(TOPICS.events, log.identity, records.slice(2));
      expect(await lake.landed(TOPICS.events)).toEqual([3]);
    },
  },
  {
    number: 3,
    title: 'silver has one row per event, the first in the log; what is said of it is joined as it comes',
    async check(open) {
      const { lake, rowsOf } = await open();
      const log = new LogOfRecords();
      const turn = aTurn('e-1', { text: 'first' });
      const alert = anAlertOn(turn);
      const action = anActionOn(turn);
      // The verdict comes before its turn, and unclassified after scored.
      await land(lake, log, TOPICS.verdicts, [aVerdictOn(turn)]);
      await lake.refresh();
      await land(lake, log, TOPICS.events, [turn, aTurn('e-1', { text: 'another body' }), aTurn('e-2')]);
      expect(await lake.refresh()).toMatchObject({ turnsAdded: 2, turnsUpdated: 0 });
      await land(lake, log, TOPICS.events, [aTurn('e-1', { text: 'again' })]);
      await land(lake, log, TOPICS.verdicts, [aVerdictOn(turn, { outcome: 'unclassified' })]);
      expect(await lake.refresh()).toMatchObject({ turnsAdded: 0, turnsUpdated: 0 });
      await land(lake, log, TOPICS.alerts, [alert]);
      await land(lake, log, TOPICS.actions, [action, action]);
      expect(await lake.refresh()).toMatchObject({ turnsAdded: 0, turnsUpdated: 1 });
      await land(lake, log, TOPICS.actions, [anUndoOf(action)]);
      await land(lake, log, TOPICS.events, [
        aThumbOn(turn, 'f-1', 1, { userId: 'u-1' }),
        aThumbOn(turn, 'f-2', 1, { userId: 'u-2' }),
        aThumbOn(turn, 'f-3', -1, { userId: 'u-2', saidAt: at(MONDAY_MS + 2 * DAY_MS) }),
      ]);
      await lake.refresh();

      expect(await rowsOf('silver.turns', ['text', ...TURN_COLUMNS])).toEqual([
        {
          text: 'first',
          event_id: 'e-1',
          outcome: 'scored',
          alert_id: alert.id,
          actions: 1,
          undone: 1,
          time_to_action_ms: 50,
          thumbs_up: 1,
          thumbs_down: 1,
        },
        expect.objectContaining({
          event_id: 'e-2',
          outcome: null,
          alert_id: null,
          actions: 0,
          time_to_action_ms: null,
        }),
      ]);
      expect(await turnCounts(lake)).toEqual({ bronze: 2, silver: 2, silverDistinct: 2, gold: 2 });
    },
  },
  {
    number: 4,
    title: 'a late event or rating re-opens its week: refresh names it and gold is rebuilt for it',
    async check(open) {
      const { lake } = await open();
      const log = new LogOfRecords();
      const early = { conversationId: 'c-0', saidAt: at(MONDAY_MS - DAY_MS) };
      await land(lake, log, TOPICS.events, [aTurn('e-0', early), aTurn('e-1'), aTurn('e-2', ASSISTANT)]);
      await land(lake, log, TOPICS.models, [aModel('1', at(MONDAY_MS))]);
      expect(await lake.refresh()).toMatchObject({ weeks: [weekOf(WEEK_BEFORE), weekOf(WEEK)] });
      await land(lake, log, TOPICS.events, [aTurn('e-00', early)]);
      expect(await lake.refresh()).toMatchObject({ turnsAdded: 1, weeks: [weekOf(WEEK_BEFORE)] });
      expect((await factsOf(lake, WEEK_BEFORE)).all.metrics.turns.value).toBe(2);
      // A rating of an unknown turn waits; one of a conversation counts where its last assistant turn stands.
      await land(lake, log, TOPICS.evaluations, [
        anEvaluation('v-1', { turnId: 'e-2' }),
        anEvaluation('v-2', { turnId: 'e-3', value: false }),
        anEvaluation('v-3', { question: 'satisfaction', value: 4 }),
      ]);
      expect(await lake.refresh()).toMatchObject({ evaluationsAdded: 3, weeks: [weekOf(WEEK)] });
      const facts = await factsOf(lake, WEEK);
      expect(facts.all.metrics.hallucinationRate).toEqual({ n: 1, value: 1, sum: 1, sumOfSquares: 1 });
      expect(facts.all.metrics.satisfaction).toEqual({ n: 1, value: 4, sum: 4, sumOfSquares: 16 });
      expect(facts.byModel.map(({ model, metrics }) => [model, metrics.satisfaction.n])).toEqual([
        [{ ...ASSISTANT.model, releasedAt: at(MONDAY_MS), attributes: { size: 'small' } }, 1],
        [null, 0],
      ]);
      // A later turn takes the conversation's rating along into its own week.
      const later = { ...ASSISTANT, saidAt: at(MONDAY_MS + 8 * DAY_MS) };
      await land(lake, log, TOPICS.events, [aTurn('e-3', later)]);
      expect(await lake.refresh()).toMatchObject({ weeks: [weekOf(WEEK), weekOf('2026-W48')] });
      expect((await factsOf(lake, WEEK)).all.metrics.satisfaction.n).toBe(0);
      const after = await factsOf(lake, '2026-W48');
      expect([after.all.metrics.satisfaction.n, after.all.metrics.hallucinationRate.n]).toEqual([1, 1]);
      expect(await lake.weeks(TENANT)).toEqual([WEEK_BEFORE, WEEK, '2026-W48']);
      expect(await lake.weekFacts('somebody-else', WEEK)).toBeUndefined();
    },
  },
  {
    number: 5,
    title: 'refresh run twice, or from nothing, gives the same rows',
    async check(open) {
      const { lake, rowsOf } = await open();
      const log = new LogOfRecords();
      for (const batch of batchesOfAWeek()) {
        for (const [topic, values] of batch) await land(lake, log, topic, values);
        await lake.refresh();
      }
      const rows = async () => ({
        turns: await rowsOf('silver.turns', ['text', 'said_at', 'judged_at', ...TURN_COLUMNS]),
        evaluations: await rowsOf('silver.evaluations', ['evaluation_id', 'value_boolean', 'value_number', 'rated_at']),
        waiting: await rowsOf('silver.waiting', ['topic', 'offset']),
        gold: await factsOf(lake, WEEK),
        counts: await lake.counts(),
      });
      const before = await rows();
      expect(before.turns).toHaveLength(6);
      expect(before.waiting).toHaveLength(1);
      expect(await lake.refresh()).toMatchObject({ turnsAdded: 0, turnsUpdated: 0, evaluationsAdded: 0, weeks: [] });
      expect(await rows()).toEqual(before);
      expect(await lake.rebuild()).toMatchObject({ weeks: [weekOf(WEEK)] });
      expect(await rows()).toEqual(before);
    },
  },
  {
    number: 6,
    title: 'readers see whole snapshots only, and a failed refresh leaves the last one',
    async check(open) {
      const { lake, another, dir } = await open();
      const log = new LogOfRecords();
      const reader = await another();
      await land(lake, log, TOPICS.events, [aTurn('e-1')]);
      await lake.refresh();
      const isEnded = { value: false };
      const seen = readWhile(reader, isEnded);
      for (let i = 0; i < 2; i++) {
        await land(lake, log, TOPICS.events, [aTurn(`a-${i}`), aTurn(`b-${i}`)]);
        await lake.refresh();
      }
      isEnded.value = true;
      for (const { silver, gold } of await seen) expect([silver % 2, gold % 2]).toEqual([1, 1]);

      const before = await factsOf(lake, WEEK);
      await land(lake, log, TOPICS.events, [aTurn('c-0'), aTurn('c-1')]);
      await rm(await newestFile(join(dir, 'bronze', 'conversation_events', 'data')));
      await expect(lake.refresh()).rejects.toThrow();
      expect(await factsOf(lake, WEEK)).toEqual(before);
      expect(await factsOf(reader, WEEK)).toEqual(before);
    },
  },
  {
    number: 7,
    title: 'maintenance changes no row and removes no file that a kept snapshot or a landing under way needs',
    async check(open) {
      const { lake, another, rowsOf, dir } = await open();
      const log = new LogOfRecords();
      const other = await another();
      for (let i = 0; i < 4; i++) {
        await land(lake, log, TOPICS.events, [aTurn(`e-${i}`), aTurn(`f-${i}`)]);
        await lake.refresh();
      }
      const read = async () => ({
        bronze: await rowsOf('bronze.conversation_events', ['partition', 'offset', 'payload', 'appended_at']),
        silver: await rowsOf('silver.turns', ['event_uid', 'text', 'said_at', ...TURN_COLUMNS]),
        counts: await lake.counts(),
        gold: await factsOf(lake, WEEK),
      });
      const before = await read();
      // What a landing under way has written, and what one that was killed has left.
      const young = join(dir, 'bronze', 'safety_alerts', 'data', 'young.parquet');
      const old = join(dir, 'bronze', 'safety_alerts', 'data', 'old.parquet');
      await mkdir(dirname(young), { recursive: true });
      for (const file of [young, old]) await writeFile(file, 'PAR1');
      await utimes(old, new Date(0), new Date(0));
      const landing = land(
        other,
        log,
        TOPICS.verdicts,
        Array.from({ length: 2_000 }, (_, i) => aVerdictOn(aTurn(`x-${i}`))),
      );
      const done = await lake.maintain({ snapshotAgeMsMax: 0, orphanAgeMsMin: 3_600_000 });
      await landing;

      expect(done.filesCompacted).toBeGreaterThan(3);
      expect(done.snapshotsExpired).toBeGreaterThan(0);
      expect(done.orphansRemoved).toBe(1);
      expect((await readdir(dirname(young))).filter((name) => /young|old/.test(name))).toEqual(['young.parquet']);
      expect(await bronzeOf(lake, TOPICS.verdicts)).toMatchObject({ rows: 2_000, distinct: 2_000, offsets: [2_000] });
      const { counts, ...rows } = await read();
      expect(rows).toEqual({ bronze: before.bronze, silver: before.silver, gold: before.gold });
      expect(counts.turns).toEqual(before.counts.turns);
      expect(await lake.landed(TOPICS.events)).toEqual([8]);
      expect(await lake.refresh()).toMatchObject({ turnsAdded: 0, turnsUpdated: 0, weeks: [] });
      await land(lake, log, TOPICS.events, [aTurn('late')]);
      expect(await lake.refresh()).toMatchObject({ turnsAdded: 1, weeks: [weekOf(WEEK)] });
    },
  },
  {
    number: 8,
    title: 'a damaged or missing data file fails the read, and the error names the file',
    async check(open) {
      const { lake, dir } = await open();
      const log = new LogOfRecords();
      await land(
        lake,
        log,
        TOPICS.events,
        Array.from({ length: 50 }, (_, i) => aTurn(`e-${i}`)),
      );
      await lake.refresh();
      const silver = await newestFile(join(dir, 'silver', 'turns', 'data'));
      await truncate(silver, 1_000);
      await expect(lake.counts()).rejects.toMatchObject({
        code: 'damaged-file',
        message: expect.stringContaining(silver),
      });
      // Silver can be made again; bronze cannot.
      await lake.rebuild();
      expect(await turnCounts(lake)).toEqual({ bronze: 50, silver: 50, silverDistinct: 50, gold: 50 });
      const bronze = await newestFile(join(dir, 'bronze', 'conversation_events', 'data'));
      await rm(bronze);
      for (const read of [() => lake.counts(), () => lake.rebuild(), () => lake.freshestMs()]) {
        await expect(read()).rejects.toMatchObject({ code: 'damaged-file', message: expect.stringContaining(bronze) });
      }
    },
  },
];

export function lakehouseContract(adapter: string, open: OpenLake): void {
  describe(`Lakehouse contract: ${adapter}`, () => {
    it.each(LAKEHOUSE_PROMISES.map((promise) => [promise.number, promise.title, promise] as const))(
      '%i. %s',
      (_number, _title, promise) => promise.check(open),
    );
  });
}

const ASSISTANT = {
  role: 'assistant',
  model: { provider: 'maker', name: 'chat', version: '1' },
  saidAt: at(MONDAY_MS + 3_700_000),
} as const;

const weekOf = (week: string) => ({ tenant: TENANT, week });

async function factsOf(lake: Lakehouse, week: string): Promise<WeekFacts> {
  const facts = await lake.weekFacts(TENANT, week as `${number}-W${number}`);
  if (!facts) throw new Error(`no facts of ${week}`);
  return facts;
}

function expectAsInTheLog(row: Readonly<Record<string, unknown>> | undefined, record: LandingRecord): void {
  const value = Buffer.from(record.value);
  const landed = Buffer.from(String(row?.['payload']), row?.['type'] === 'binary' ? 'base64' : 'utf8');
  // A comparison that does not print a text of a megabyte when it fails.
  expect([record.offset, landed.equals(value), row?.['key']]).toEqual([record.offset, true, record.key]);
}

/** A week as it comes: out of order, doubled, in several landings. */
function batchesOfAWeek(): readonly (readonly [LandedTopic, readonly unknown[]][])[] {
  const turnAt = (i: number) => aTurn(`e-${i}`, { saidAt: at(MONDAY_MS + i * 5 * 3_600_000) });
  const [a, b, c, d, e, f] = [turnAt(0), turnAt(1), turnAt(2), turnAt(3), turnAt(4), turnAt(5)];
  const action = anActionOn(b);
  return [
    [
      [TOPICS.verdicts, [aVerdictOn(b), aVerdictOn(a, { outcome: 'unclassified' })]],
      [TOPICS.events, [a, b, aThumbOn(c, 'f-1', -1)]],
      [TOPICS.evaluations, [anEvaluation('v-1', { turnId: 'e-2' }), anEvaluation('v-1', { turnId: 'e-2' })]],
    ],
    [
      [TOPICS.actions, [action, anUndoOf(action)]],
      [TOPICS.alerts, [anAlertOn(b), anAlertOn(f)]],
      [TOPICS.events, [c, d, a, aThumbOn(aTurn('never'), 'f-2', 1)]],
    ],
    [
      [TOPICS.verdicts, [aVerdictOn(a), aVerdictOn(b)]],
      [TOPICS.events, [e, f, aThumbOn(c, 'f-3', 1)]],
      [TOPICS.evaluations, [anEvaluation('v-2', { question: 'satisfaction', value: 3.5 })]],
    ],
  ];
}

async function readWhile(reader: Lakehouse, isEnded: { readonly value: boolean }) {
  const seen: { silver: number; gold: number }[] = [];
  while (!isEnded.value) {
    const { turns } = await reader.counts();
    seen.push({ silver: turns.silver, gold: turns.gold });
  }
  return seen;
}

async function newestFile(dir: string): Promise<string> {
  const names = await readdir(dir, { recursive: true });
  const files = await Promise.all(
    names
      .filter((name) => name.endsWith('.parquet'))
      .map(async (name) => ({ path: join(dir, name), at: (await stat(join(dir, name))).mtimeMs })),
  );
  const newest = files.toSorted((a, b) => b.at - a.at)[0];
  if (!newest) throw new Error(`no data file in ${dir}`);
  return newest.path;
}
