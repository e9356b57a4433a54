import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  type EventLog,
  type NewRecord,
  partitionOf,
  type RecordBatch,
  type StoredRecord,
  type Subscription,
} from '@watchkeeper/event-log';

/** Where an adapter promises more, or less, than every one does. */
export interface EventLogCapabilities {
  /** Records returned by a handler and the position are one transaction. */
  readonly hasTransactionalOutputs: boolean;
  /** Ids are compared with every record the topic still holds. */
  readonly hasExactIds: boolean;
}

/** One log, empty at first; each `open` is another opening of the same. */
export interface EventLogHarness {
  readonly capabilities: EventLogCapabilities;
  open(): Promise<EventLog>;
}

export interface EventLogPromise {
  readonly number: number;
  readonly title: string;
  /** Rejects when the promise is broken. */
  check(harness: EventLogHarness): Promise<void>;
}

const TOPIC = 'contract.records';
const OUTPUTS = 'contract.outputs';
const PATIENCE_MS = 10_000;
const AGE_MARGIN_MS = 300;

export const EVENT_LOG_PROMISES: readonly EventLogPromise[] = [
  { number: 1, title: 'append resolves once its records can be read, here and after opening again', check: isDurable },
  { number: 2, title: 'records of one key are in its partition, in the order of their appends', check: keepsKeyOrder },
  { number: 3, title: 'offsets of a partition rise by one from 0 and never change', check: keepsOffsets },
  {
    number: 4,
    title: 'a batch comes again until its handler returns; outputs and position go together',
    check: redelivers,
  },
  {
    number: 5,
    title: 'each group sees every record; two subscriptions of a group share partitions',
    check: sharesPartitions,
  },
  { number: 6, title: 'a record with an id the topic holds is not appended again, whoever tries', check: knowsIds },
  {
    number: 7,
    title: 'reading starts at any offset or instant, or at the first record that is left',
    check: readsFromAnywhere,
  },
  { number: 8, title: 'retention drops prefixes, oldest first, never beyond what is held for a group', check: retains },
  { number: 9, title: 'an append that fails appends nothing', check: appendsAllOrNothing },
  { number: 10, title: 'stop lets what is in flight finish and commits it', check: stopsGently },
];

async function isDurable(harness: EventLogHarness): Promise<void> {
  const log = await harness.open();
  for (let round = 0; round < 10; round++) {
    const appended = await log.append([aRecord({ key: `k${round}` }), aRecord({ key: `m${round}` })]);
    for (const { position } of appended) {
      const [found] = await log.read(position, { recordsMax: 1 });
      assert.equal(found?.offset, position.offset, 'an appended record can be read');
    }
  }
  const identity = await log.identity();
  await log.close();
  const again = await harness.open();
  assert.equal((await readAll(again)).length, 20, 'all records are there after opening again');
  assert.equal(await again.identity(), identity, 'it is the same log');
}

async function keepsKeyOrder(harness: EventLogHarness): Promise<void> {
  const log = await harness.open();
  const keys = ['tenant/a', 'tenant/b', 'tenant/ü'];
  const calls = Array.from({ length: 30 }, (_, n) => log.append(keys.map((key) => aRecord({ key, text: `${n}` }))));
  await Promise.all(calls);
  const records = await readAll(log);
  const partitions = await log.partitions(TOPIC);
  for (const key of keys) {
    const own = records.filter((record) => record.key === key);
    assert.deepEqual(
      own.map(textOf),
      Array.from({ length: 30 }, (_, n) => `${n}`),
    );
    for (const record of own) assert.equal(record.partition, partitionOf(key, partitions));
  }
}

async function keepsOffsets(harness: EventLogHarness): Promise<void> {
  const log = await harness.open();
  await log.append(someRecords(40));
  const before = await readAll(log);
  for (const { partition, start, end } of await log.bounds(TOPIC)) {
    const offsets = before.filter((record) => record.partition === partition).map((record) => record.offset);
    assert.deepEqual(offsets, range(0, end), 'offsets rise by one from 0');
    assert.equal(start, 0);
  }
  const bounds = await log.bounds(TOPIC);
  await log.trim(TOPIC, { bytesMax: 0 }, { keepFrom: bounds.map(({ end }) => Math.floor(end / 2)) });
  await log.append(someRecords(3));
  const kept = (await readAll(log)).filter((record) => record.offset < bounds[record.partition]!.end);
  assert.ok(kept.length > 0 && kept.length < before.length, 'some were dropped, some kept');
  assert.deepEqual(
    kept.map(placeOf),
    before.filter((record) => kept.some((other) => placeOf(other) === placeOf(record))).map(placeOf),
    'what is kept has the offsets it had',
  );
  const values = new Map(before.map((record) => [placeOf(record), textOf(record)]));
  for (const record of kept) assert.equal(textOf(record), values.get(placeOf(record)));
}

async function redelivers(harness: EventLogHarness): Promise<void> {
  const log = await harness.open();
  await log.append([aRecord({ text: 'input' })]);
  const seen: number[] = [];
  const output = { ...aRecord({ text: 'output' }), topic: OUTPUTS };
  const unappendable = { ...output, topic: 'not a topic!' };
  const handle = async (batch: RecordBatch): Promise<NewRecord[]> => {
    seen.push(batch.redeliveries);
    if (seen.length === 1) throw new Error('not yet');
    return seen.length === 2 && harness.capabilities.hasTransactionalOutputs ? [output, unappendable] : [output];
  };
  await log.subscribe({ topics: [TOPIC], group: 'judge', recordsMax: 10, handle });
  await until(async () => (await total(log.committed(TOPIC, 'judge'))) === 1, 'the batch is committed');
  const tries = harness.capabilities.hasTransactionalOutputs ? 3 : 2;
  assert.deepEqual(seen, range(0, tries), 'it came again, and said how often it had come before');
  assert.deepEqual((await readAll(log, OUTPUTS)).map(textOf), ['output'], 'the outputs are there, once');
  await log.close();

  const again = await harness.open();
  const delivered: string[] = [];
  await again.subscribe({
    topics: [TOPIC],
    group: 'judge',
    recordsMax: 10,
    handle: async ({ records }) => void delivered.push(...records.map(textOf)),
  });
  await again.append([aRecord({ text: 'next' })]);
  await until(async () => delivered.length > 0, 'the next record is delivered');
  assert.deepEqual(delivered, ['next'], 'what was committed does not come again');
}

async function sharesPartitions(harness: EventLogHarness): Promise<void> {
  const log = await harness.open();
  await log.append(someRecords(60));
  const busy = new Set<number>();
  const seen: Record<string, string[]> = { shared: [], other: [] };
  const members = new Set<string>();
  const subscribe = (group: string, member: string): Promise<Subscription> =>
    log.subscribe({
      topics: [TOPIC],
      group,
      recordsMax: 3,
      handle: async ({ partition, records }) => {
        if (group === 'shared') {
          assert.ok(!busy.has(partition), 'a partition is with one subscription at a time');
          busy.add(partition);
        }
        await sleep(1);
        if (group === 'shared') busy.delete(partition);
        members.add(member);
        seen[group]!.push(...records.map(placeOf));
      },
    });
  await Promise.all([subscribe('shared', 'one'), subscribe('shared', 'two'), subscribe('other', 'three')]);
  await log.append(someRecords(60));
  const isDone = async (): Promise<boolean> => (await total(log.committed(TOPIC, 'shared'))) >= 120;
  await until(isDone, 'the shared group is done');
  await until(async () => (await total(log.committed(TOPIC, 'other'))) >= 120, 'the other group is done');
  const all = (await readAll(log)).map(placeOf).toSorted();
  assert.deepEqual(seen['shared']!.toSorted(), all, 'the shared group saw each record once');
  assert.deepEqual(seen['other']!.toSorted(), all, 'the other group saw each record once');
  assert.deepEqual([...members].toSorted(), ['one', 'three', 'two'], 'both subscriptions had their share');
}

async function knowsIds(harness: EventLogHarness): Promise<void> {
  const log = await harness.open();
  const record = { ...aRecord(), id: 'event-1', fingerprint: 'body-1' };
  const [first, second] = await log.append([record, record]);
  assert.deepEqual([first?.outcome, second?.outcome], ['appended', 'duplicate'], 'twice in one list');
  const tries = await Promise.all(Array.from({ length: 50 }, () => log.append([record])));
  for (const [answer] of tries) assert.deepEqual(answer, { outcome: 'duplicate', position: first?.position });
  const [conflict] = await log.append([{ ...record, key: 'elsewhere', fingerprint: 'body-2' }]);
  assert.deepEqual(conflict, { outcome: 'conflict', position: first?.position }, 'the same id with another body');
  const [otherTopic] = await log.append([{ ...record, topic: OUTPUTS }]);
  assert.equal(otherTopic?.outcome, 'appended', 'ids are of a topic');
  assert.deepEqual(await log.find(TOPIC, 'event-1'), first?.position);
  await log.close();

  const again = await harness.open();
  assert.equal((await again.append([record]))[0]?.outcome, 'duplicate', 'after opening again');
  assert.equal((await readAll(again)).length, 1);
  if (!harness.capabilities.hasExactIds) return;
  await again.trim(TOPIC, { bytesMax: 0 });
  assert.equal(await again.find(TOPIC, 'event-1'), undefined, 'retention has dropped the record, its id too');
  assert.equal((await again.append([record]))[0]?.outcome, 'appended', 'the topic does not hold it any more');
}

async function readsFromAnywhere(harness: EventLogHarness): Promise<void> {
  const log = await harness.open();
  const partition = partitionOf('one', await log.partitions(TOPIC));
  const append = (from: number, to: number): Promise<unknown> =>
    log.append(range(from, to).map((n) => aRecord({ key: 'one', text: `${n}` })));
  await append(0, 10);
  await sleep(20);
  const instant = Date.now();
  await append(10, 20);
  const texts = async (offset: number, recordsMax: number): Promise<string[]> =>
    (await log.read({ topic: TOPIC, partition, offset }, { recordsMax })).map(textOf);
  assert.deepEqual(await texts(7, 3), ['7', '8', '9']);
  assert.deepEqual(await texts(20, 3), [], 'the end has nothing yet, and does not wait');
  assert.equal(await log.offsetAt(TOPIC, partition, 0), 0);
  assert.equal(await log.offsetAt(TOPIC, partition, instant), 10);
  assert.equal(await log.offsetAt(TOPIC, partition, Date.now() + 60_000), 20);
  const few = await log.read({ topic: TOPIC, partition, offset: 0 }, { recordsMax: 10, bytesMax: 1 });
  assert.equal(few.length, 1, 'at least one record, however small the limit');

  const keepFrom = (await log.bounds(TOPIC)).map(({ end }) => Math.min(end, 5));
  await log.trim(TOPIC, { bytesMax: 0 }, { keepFrom });
  assert.deepEqual(await texts(0, 2), ['5', '6'], 'a dropped offset reads from the first that is left');
  assert.equal(await log.offsetAt(TOPIC, partition, 0), 5);
}

async function retains(harness: EventLogHarness): Promise<void> {
  const log = await harness.open();
  await log.append(someRecords(40));
  await sleep(2 * AGE_MARGIN_MS);
  const youngFromMs = Date.now();
  await log.append(someRecords(40));
  // Half of the pause is left for a slow machine.
  const ageMsMax = (): number => Date.now() - youngFromMs + AGE_MARGIN_MS;
  const slow = await log.committed(TOPIC, 'slow');
  await log.seek(
    TOPIC,
    'slow',
    slow.map((_, partition) => partition + 1),
  );
  const { dropped } = await log.trim(TOPIC, { ageMsMax: ageMsMax() }, { holdFor: ['slow'] });
  const held = await log.bounds(TOPIC);
  assert.deepEqual(
    held.map(({ start }) => start),
    held.map(({ partition }) => partition + 1),
    'nothing beyond the position of the group',
  );
  assert.equal(
    dropped,
    held.reduce((sum, { start }) => sum + start, 0),
  );
  await log.trim(TOPIC, { ageMsMax: 60_000 }, { holdFor: ['never-seen'] });
  assert.deepEqual(await log.bounds(TOPIC), held, 'nothing is old enough, and the group has seen nothing');

  await log.trim(TOPIC, { ageMsMax: ageMsMax() });
  const records = await readAll(log);
  const ends = await log.bounds(TOPIC);
  assert.equal(records.length, 40, 'the old half is gone, the young half is there');
  for (const { partition, start, end } of ends) {
    const offsets = records.filter((record) => record.partition === partition).map((record) => record.offset);
    assert.deepEqual(offsets, range(start, end), 'what is left has no gaps');
  }
  assert.deepEqual(
    await log.committed(TOPIC, 'slow'),
    ends.map(({ start }) => start),
    'a group goes on at what is left',
  );
}

async function appendsAllOrNothing(harness: EventLogHarness): Promise<void> {
  const log = await harness.open();
  await log.append([aRecord()]);
  const failing = [aRecord(), { ...aRecord(), topic: 'not a topic!' }, aRecord()];
  await assert.rejects(log.append(failing), 'a list with a record that cannot be appended');
  assert.equal((await readAll(log)).length, 1, 'nothing of it was appended');
  assert.equal((await log.append([aRecord()]))[0]?.outcome, 'appended', 'the log goes on');
}

async function stopsGently(harness: EventLogHarness): Promise<void> {
  const log = await harness.open();
  await log.append([aRecord({ text: 'first' }), aRecord({ text: 'second' })]);
  const begun: string[] = [];
  const ended: string[] = [];
  const subscription = await log.subscribe({
    topics: [TOPIC],
    group: 'gentle',
    recordsMax: 1,
    handle: async ({ records }) => {
      begun.push(...records.map(textOf));
      await sleep(50);
      ended.push(...records.map(textOf));
    },
  });
  await until(async () => begun.length === 1, 'the first batch is in flight');
  await subscription.stop();
  assert.deepEqual(ended, ['first'], 'it has ended');
  assert.equal(await total(log.committed(TOPIC, 'gentle')), 1, 'and is committed');
  await sleep(80);
  assert.deepEqual(begun, ['first'], 'nothing is delivered afterwards');
}

function aRecord(parts: { readonly key?: string; readonly text?: string } = {}): NewRecord {
  return { topic: TOPIC, key: parts.key ?? 'key', value: Buffer.from(parts.text ?? 'value') };
}

/** Under many keys, so that each partition has some. */
function someRecords(count: number): NewRecord[] {
  return range(0, count).map((n) => aRecord({ key: `key-${n}`, text: `${n}` }));
}

async function readAll(log: EventLog, topic = TOPIC): Promise<StoredRecord[]> {
  const records: StoredRecord[] = [];
  for (const { partition, start, end } of await log.bounds(topic)) {
    let offset = start;
    while (offset < end) {
      const some = await log.read({ topic, partition, offset }, { recordsMax: 7 });
      assert.ok(some.length > 0, 'there are records up to the end');
      records.push(...some);
      offset = some.at(-1)!.offset + 1;
    }
  }
  return records;
}

function textOf(record: StoredRecord): string {
  return Buffer.from(record.value).toString('utf8');
}

function placeOf(record: StoredRecord): string {
  return `${record.partition}/${record.offset}`;
}

function range(from: number, to: number): number[] {
  return Array.from({ length: to - from }, (_, n) => from + n);
}

async function total(offsets: Promise<readonly number[]>): Promise<number> {
  return (await offsets).reduce((sum, offset) => sum + offset, 0);
}

async function until(isSo: () => Promise<boolean>, what: string): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  while (!(await isSo())) {
    assert.ok(Date.now() < deadline, `in time: ${what}`);
    await sleep(2);
  }
}
