import { DomainError, TOPICS } from '@watchkeeper/domain';
import { Logger } from '@nestjs/common';
import { aBatch, appendTurns } from '../../../test/fixtures/a-batch';

Logger.overrideLogger(false);

const eventsIn = (batch: Batch) => batch.lake.counts().then(({ bronze }) => bronze[0]!);
type Batch = Awaited<ReturnType<typeof aBatch>>;

describe('landing', () => {
  let batch: Batch;
  beforeEach(async () => {
    batch = await aBatch({ landRowsMax: 3, landRowsMin: 5 });
  });
  afterEach(() => batch.remove());

  it('brings every record of the log to bronze, each once', async () => {
    await appendTurns(batch.log, ...Array.from({ length: 20 }, (_, i) => ({ id: `evt-${i}` })));
    await batch.lander.flush();
    expect(await eventsIn(batch)).toMatchObject({ rows: 20, distinct: 20 });
  });

  it('writes nothing when nothing is new', async () => {
    await appendTurns(batch.log, {});
    await batch.lander.runOnce();
    batch.clock.pass(60_000);
    const before = batch.lake.calls.length;
    await batch.lander.runOnce();
    expect(batch.lake.calls.slice(before)).toEqual([]);
  });

  it('waits for the interval, unless much is waiting', async () => {
    await appendTurns(batch.log, { id: 'first' });
    await batch.lander.runOnce();
    await appendTurns(batch.log, { id: 'second' });
    await batch.lander.runOnce();
    expect((await eventsIn(batch)).rows).toBe(1);
    batch.clock.pass(2_000);
    await batch.lander.runOnce();
    expect((await eventsIn(batch)).rows).toBe(2);
    await appendTurns(batch.log, ...Array.from({ length: 5 }, (_, i) => ({ id: `evt-${i}` })));
    await batch.lander.runOnce();
    expect((await eventsIn(batch)).rows).toBe(5);
  });

  it('lands no more at once than it may', async () => {
    await appendTurns(batch.log, ...Array.from({ length: 10 }, (_, i) => ({ id: `evt-${i}` })));
    expect(await batch.lander.runOnce()).toEqual({ isMoreWaiting: true });
    expect((await eventsIn(batch)).rows).toBe(3);
  });

  it('puts one landing together from several reads', async () => {
    const large = await aBatch();
    const ids = Array.from({ length: 11_000 }, (_, i) => ({ id: `evt-${i}`, conversationId: 'c' }));
    await appendTurns(large.log, ...ids);
    await large.lander.runOnce();
    expect(await eventsIn(large)).toMatchObject({ rows: 11_000, distinct: 11_000 });
    expect(large.lake.calls.filter((call) => call === 'land')).toHaveLength(1);
    await large.remove();
  });

  it('asks the table again when it is fenced, and goes on', async () => {
    await appendTurns(batch.log, { id: 'a' }, { id: 'b' });
    batch.lake.faults.push({ method: 'land', error: new DomainError('fenced', 'someone else was faster') });
    await batch.lander.flush();
    expect(await eventsIn(batch)).toMatchObject({ rows: 2, distinct: 2 });
  });

  it('lands what someone else has not, when someone else has landed some', async () => {
    await appendTurns(batch.log, { id: 'a', conversationId: 'c' }, { id: 'b', conversationId: 'c' });
    await batch.lander.flush();
    await appendTurns(batch.log, { id: 'c', conversationId: 'c' });
    await batch.start().lander.flush();
    await appendTurns(batch.log, { id: 'd', conversationId: 'c' });
    batch.clock.pass(10_000);
    await expect(batch.lander.runOnce()).rejects.toMatchObject({ code: 'fenced' });
    await batch.lander.flush();
    expect(await eventsIn(batch)).toMatchObject({ rows: 4, distinct: 4 });
  });

  it('refreshes at the start, for whoever landed before and died', async () => {
    await appendTurns(batch.log, {});
    batch.lake.faults.push({ method: 'refresh', error: new Error('died here') });
    await expect(batch.lander.runOnce()).rejects.toThrow('died here');
    await batch.start().lander.runOnce();
    expect((await batch.lake.counts()).turns.silver).toBe(1);
  });

  it('refreshes at most every few seconds', async () => {
    for (let i = 0; i < 4; i++) {
      await appendTurns(batch.log, { id: `evt-${i}` });
      await batch.lander.runOnce();
      batch.clock.pass(2_000);
    }
    expect(batch.lake.calls.filter((call) => call === 'refresh')).toHaveLength(2);
  });

  it('says so when the lake holds more than the log', async () => {
    await appendTurns(batch.log, {});
    await batch.lander.flush();
    jest.spyOn(batch.log, 'bounds').mockResolvedValue([{ partition: 0, start: 0, end: 0 }]);
    jest.spyOn(batch.lake, 'landed').mockResolvedValue([7]);
    await expect(batch.start().lander.flush()).rejects.toMatchObject({ code: 'log-behind-lake' });
  });

  it('lands what the log still holds when some was dropped, and verify shows the gap', async () => {
    await appendTurns(batch.log, { id: 'a', conversationId: 'c' }, { id: 'b', conversationId: 'c' });
    const bounds = await batch.log.bounds(TOPICS.events);
    batch.log.drop(
      TOPICS.events,
      bounds.map(({ end }) => Math.max(0, end - 1)),
    );
    const { agrees, checks } = await batch.verifier.verify();
    expect(agrees).toBe(false);
    expect(checks.filter((check) => !check.agrees)).toEqual([
      { what: 'conversation.events: records of the log = rows of bronze', expected: 2, found: 1, agrees: false },
    ]);
  });
});

describe('the loop', () => {
  it('goes on after an error, and is not ready when it fails again and again', async () => {
    const batch = await aBatch({ landIntervalMs: 8, backoffMsMin: 1, backoffMsMax: 2 });
    for (let i = 0; i < 3; i++) batch.lake.faults.push({ method: 'landed', error: new DomainError('disk', 'full') });
    await appendTurns(batch.log, {});
    const seen: string[] = [];
    jest.spyOn(batch.health, 'failed').mockImplementation((part) => void seen.push(part));
    batch.lander.start();
    const deadline = Date.now() + 5_000;
    while ((await eventsIn(batch)).rows === 0 && Date.now() < deadline) await new Promise((r) => setTimeout(r, 5));
    await batch.lander.onApplicationShutdown();
    expect(seen).toEqual(['landing', 'landing', 'landing']);
    expect(await eventsIn(batch)).toMatchObject({ rows: 1 });
    await batch.remove();
  });

  it('lands what there is when it stops', async () => {
    const batch = await aBatch({ landIntervalMs: 60_000 });
    batch.lander.start();
    await appendTurns(batch.log, { id: 'a' }, { id: 'b' });
    await batch.lander.onApplicationShutdown();
    expect((await eventsIn(batch)).rows).toBe(2);
    expect((await batch.store.latest('acme', '2026-W47'))?.counts.turns).toBe(2);
    await batch.remove();
  });
});

describe('health', () => {
  let batch: Batch;
  beforeEach(async () => {
    batch = await aBatch();
  });
  afterEach(() => batch.remove());

  it('is red after a second failure in a row, and green again after a success', () => {
    batch.health.failed('landing', new DomainError('disk', 'the disk is full'));
    expect(() => batch.health.check()).not.toThrow();
    batch.health.failed('landing', new DomainError('disk', 'the disk is full'));
    expect(() => batch.health.check()).toThrow('the disk is full');
    batch.health.worked('landing');
    expect(() => batch.health.check()).not.toThrow();
  });

  it('is red when the lake is too far behind', () => {
    batch.health.waiting(10);
    batch.clock.pass(61_000);
    expect(() => batch.health.check()).toThrow('behind the log for 61 s');
    batch.health.waiting(0);
    expect(() => batch.health.check()).not.toThrow();
  });

  it('never repeats what a driver says: it may quote a row', () => {
    batch.health.failed('reports', new TypeError("could not convert 'what somebody wrote'"));
    expect(batch.health.status().failures.reports).toMatchObject({ times: 1, reason: 'TypeError' });
  });
});
