import { Logger } from '@nestjs/common';
import { weeklyReportSchema, type WeeklyReport } from '@watchkeeper/domain';
import { aBatch, appendTurns } from '../../../test/fixtures/a-batch';
import { isFinal } from './weekly-report';
import { aShare, aWeekFacts, someQuality, someRatings } from '../../../test/fixtures/week-facts';

Logger.overrideLogger(false);

describe('the weekly report', () => {
  let batch: Awaited<ReturnType<typeof aBatch>>;
  beforeEach(async () => {
    batch = await aBatch();
  });
  afterEach(() => batch.remove());

  const build = async (): Promise<WeeklyReport> => {
    const built = await batch.build.build('acme', '2026-W47');
    if (built.outcome === 'nothing') throw new Error('nothing was built');
    return built.report;
  };

  it('is of the shape that is published', async () => {
    batch.lake.setFacts('acme', '2026-W47', aWeekFacts({ accuracy: aShare(400, 364) }));
    expect(weeklyReportSchema.parse(await build())).toMatchObject({
      week: '2026-W47',
      revision: 1,
      asOf: '2026-11-20T10:00:00.000Z',
      final: false,
      counts: { conversations: 200, turns: 1_000, alerts: 20, actions: 18, evaluations: 400, unclassified: 0 },
    });
  });

  it('has an interval on every number', async () => {
    batch.lake.setFacts(
      'acme',
      '2026-W47',
      aWeekFacts({ hallucinationRate: aShare(500, 45), satisfaction: someRatings(0, 0, 50, 50, 100) }),
    );
    const { metrics, alertRate } = await build();
    expect(metrics.hallucinationRate).toEqual({
      estimate: 0.09,
      low: expect.closeTo(0.067942547889, 9) as number,
      high: expect.closeTo(0.118309411289, 9) as number,
      labels: 500,
      method: 'wilson',
    });
    expect(metrics.satisfaction).toMatchObject({ estimate: 4.25, labels: 200, method: 'student-t' });
    expect(alertRate).toMatchObject({ count: 20, rate: 0.02 });
    expect(alertRate.low).toBeLessThan(0.02);
  });

  it('says "not enough labels" below 100, and below 30 for one model', async () => {
    const model = { name: 'acme-chat' };
    batch.lake.setFacts(
      'acme',
      '2026-W47',
      aWeekFacts({
        accuracy: aShare(99, 90),
        byModel: [
          { ...someQuality({ accuracy: aShare(29, 20) }), model },
          { ...someQuality({ accuracy: aShare(30, 20) }), model: null },
        ],
      }),
    );
    const { metrics, byModel } = await build();
    expect(metrics.accuracy).toEqual({ notEnoughLabels: true, labels: 99 });
    expect(byModel.find((group) => group.model)?.metrics.accuracy).toEqual({ notEnoughLabels: true, labels: 29 });
    expect(byModel.find((group) => !group.model)?.metrics.accuracy).toMatchObject({ labels: 30 });
  });

  it.each([
    ['not distinguishable', aShare(500, 45), aShare(520, 60), false],
    ['real', aShare(500, 45), aShare(520, 160), true],
  ])('calls a change %s by its interval', async (_, before, now, real) => {
    batch.lake.setFacts('acme', '2026-W46', aWeekFacts({ hallucinationRate: before }));
    batch.lake.setFacts('acme', '2026-W47', aWeekFacts({ hallucinationRate: now }));
    const { hallucinationRate } = (await build()).metrics;
    expect(hallucinationRate).toMatchObject({ change: { real, method: 'newcombe' } });
  });

  it('compares with the week before only where both have numbers', async () => {
    batch.lake.setFacts('acme', '2026-W46', aWeekFacts({ accuracy: aShare(99, 90) }));
    batch.lake.setFacts('acme', '2026-W47', aWeekFacts({ accuracy: aShare(400, 364) }));
    expect((await build()).metrics.accuracy).not.toHaveProperty('change');
  });

  it('compares a model with itself', async () => {
    const quality = (hits: number) => someQuality({ accuracy: aShare(100, hits) });
    const model = { provider: 'acme', name: 'acme-chat', version: '2' };
    const group = (hits: number, version: string) => ({ ...quality(hits), model: { ...model, version } });
    batch.lake.setFacts('acme', '2026-W46', aWeekFacts({ byModel: [group(90, '1'), group(50, '2')] }));
    batch.lake.setFacts('acme', '2026-W47', aWeekFacts({ byModel: [group(90, '2')] }));
    expect((await build()).byModel[0]?.metrics.accuracy).toMatchObject({
      change: { difference: expect.closeTo(0.4, 9) as number, real: true },
    });
  });

  it('is not published again when it says the same', async () => {
    batch.lake.setFacts('acme', '2026-W47', aWeekFacts());
    await build();
    batch.clock.pass(60_000);
    expect(await batch.build.build('acme', '2026-W47')).toMatchObject({
      outcome: 'unchanged',
      report: { revision: 1, asOf: '2026-11-20T10:00:00.000Z' },
    });
  });

  it('is not revised for the last digits of a sum, which hang on the order of its rows', async () => {
    const ratings = someRatings(0, 0, 50, 50, 100);
    batch.lake.setFacts('acme', '2026-W47', aWeekFacts({ satisfaction: ratings }));
    await build();
    const sumOfSquares = ratings.sumOfSquares * (1 + Number.EPSILON);
    batch.lake.setFacts('acme', '2026-W47', aWeekFacts({ satisfaction: { ...ratings, sumOfSquares } }));
    expect(await batch.build.build('acme', '2026-W47')).toMatchObject({ outcome: 'unchanged' });
  });

  it('becomes a new revision that says what changed, and keeps the old one', async () => {
    batch.lake.setFacts('acme', '2026-W47', aWeekFacts({ turns: 1_000 }));
    batch.clock.set('2026-11-23T08:00:00.000Z');
    await build();
    batch.lake.setFacts('acme', '2026-W47', aWeekFacts({ turns: 1_031, accuracy: aShare(12, 9) }));
    expect(await build()).toMatchObject({ revision: 2, changes: ['31 late turns', '12 new evaluations'] });
    expect((await batch.store.revision('acme', '2026-W47', 1))?.counts.turns).toBe(1_000);
  });

  it('says so when verdicts were judged anew', async () => {
    batch.lake.setFacts('acme', '2026-W47', aWeekFacts({ alerts: 20 }));
    await build();
    batch.lake.setFacts('acme', '2026-W47', aWeekFacts({ alerts: 21, modelSha256: ['other'] }));
    expect((await build()).changes).toEqual(['verdicts re-judged', '1 more alert']);
  });

  it('shows when the counts do not agree', async () => {
    batch.lake.setFacts('acme', '2026-W47', aWeekFacts({ turns: 1_000, goldTurns: 999 }));
    const { reconciliation } = await build();
    expect(reconciliation.agrees).toBe(false);
    expect(reconciliation.detail.filter(({ agrees }) => !agrees)).toHaveLength(1);
  });

  it('is nothing for a week in which nothing was said, and refuses a week that does not exist', async () => {
    expect(await batch.build.build('acme', '2026-W40')).toEqual({ outcome: 'nothing' });
    await expect(batch.build.build('acme', '2026-W60')).rejects.toMatchObject({ code: 'bad-week' });
  });
});

describe('a week is final', () => {
  const early = Date.parse('2026-11-23T12:00:00.000Z');
  const late = Date.parse('2026-11-24T00:00:00.000Z');
  it.each([
    ['not before a day after its end', '2026-11-23T23:59:59.999Z', { freshestMs: late, isCaughtUp: true }, false],
    ['then, when nothing waits in the log', '2026-11-24T00:00:00.000Z', { freshestMs: early, isCaughtUp: true }, true],
    [
      'then, when the lake has reached that time',
      '2026-11-25T00:00:00.000Z',
      { freshestMs: late, isCaughtUp: false },
      true,
    ],
    [
      'not while its events may still wait',
      '2026-11-25T00:00:00.000Z',
      { freshestMs: early, isCaughtUp: false },
      false,
    ],
    ['not when nothing has landed', '2026-11-25T00:00:00.000Z', { freshestMs: undefined, isCaughtUp: false }, false],
  ])('%s', (_, now, lake, expected) => {
    expect(isFinal('2026-W47', lake, Date.parse(now))).toBe(expected);
  });
});

describe('published reports', () => {
  let batch: Awaited<ReturnType<typeof aBatch>>;
  beforeEach(async () => {
    batch = await aBatch();
  });
  afterEach(() => batch.remove());

  const latest = (week = '2026-W47') => batch.store.latest('acme', week);

  it('follow the log', async () => {
    await appendTurns(batch.log, { id: 'a' }, { id: 'b', saidAt: '2026-11-10T10:00:00.000Z' });
    await batch.lander.runOnce();
    expect((await latest())?.counts.turns).toBe(1);
    expect((await latest('2026-W46'))?.counts.turns).toBe(1);
  });

  it('are revised by a late turn', async () => {
    await appendTurns(batch.log, { id: 'a', saidAt: '2026-11-10T10:00:00.000Z' });
    await batch.lander.flush();
    await appendTurns(batch.log, { id: 'b', saidAt: '2026-11-10T11:00:00.000Z' });
    await batch.lander.flush();
    expect(await latest('2026-W46')).toMatchObject({ revision: 2, changes: ['1 late turn'] });
  });

  it('are compared anew when the week before is revised', async () => {
    batch.lake.setFacts('acme', '2026-W46', aWeekFacts({ accuracy: aShare(200, 150) }));
    batch.lake.setFacts('acme', '2026-W47', aWeekFacts({ accuracy: aShare(200, 150) }));
    await batch.lander.flush();
    batch.lake.setFacts('acme', '2026-W46', aWeekFacts({ accuracy: aShare(200, 100) }));
    await batch.lander.flush();
    expect(await latest()).toMatchObject({
      changes: ['the week before was revised'],
      metrics: { accuracy: { change: { real: true } } },
    });
  });

  it('become final a day after the week, by time alone', async () => {
    await appendTurns(batch.log, { id: 'a' });
    await batch.lander.runOnce();
    batch.clock.set('2026-11-23T23:59:00.000Z');
    await batch.lander.runOnce();
    expect((await latest())?.final).toBe(false);
    batch.clock.set('2026-11-24T00:10:00.000Z');
    await batch.lander.runOnce();
    expect(await latest()).toMatchObject({ final: true, changes: ['final'] });
  });

  it('are built at the start when whoever ran before died after the refresh', async () => {
    await appendTurns(batch.log, { id: 'a' });
    batch.lake.faults.push({ method: 'counts', error: new Error('died here') });
    await expect(batch.lander.flush()).rejects.toThrow('died here');
    expect(await latest()).toBeUndefined();
    await batch.start().lander.runOnce();
    expect((await latest())?.counts.turns).toBe(1);
  });

  it('stay when a build fails, which is told and made good', async () => {
    await appendTurns(batch.log, { id: 'a' });
    await batch.lander.flush();
    await appendTurns(batch.log, { id: 'b' });
    batch.lake.faults.push({ method: 'weekFacts', error: new TypeError('what somebody wrote') });
    await batch.lander.flush();
    expect(await latest()).toMatchObject({ revision: 1 });
    expect(await batch.store.lastFailure('acme')).toEqual({
      week: '2026-W47',
      failedAt: '2026-11-20T10:00:00.000Z',
      message: 'TypeError',
    });
    await batch.lander.flush();
    expect(await latest()).toMatchObject({ revision: 2 });
    expect(await batch.store.lastFailure('acme')).toBeUndefined();
  });

  it('hold up no landing when they cannot be built, and come when they can', async () => {
    await appendTurns(batch.log, { id: 'a' });
    batch.lake.faults.push({ method: 'counts', error: new Error('a file is damaged') });
    await batch.lander.runOnce();
    expect(batch.health.status().failures).toMatchObject({ reports: { times: 1 } });
    expect(() => batch.health.check()).not.toThrow();
    batch.clock.pass(31_000);
    await batch.lander.runOnce();
    expect((await latest())?.counts.turns).toBe(1);
    expect(batch.health.status().failures).toEqual({});
  });

  it('come at a slower pace the more revisions a week has', async () => {
    let revisions = 0;
    for (let second = 0; second < 600; second += 5) {
      await appendTurns(batch.log, { id: `evt-${second}` });
      batch.clock.pass(5_000);
      await batch.lander.runOnce();
      revisions = (await batch.store.revisions('acme', '2026-W47')).length;
    }
    expect(revisions).toBeGreaterThan(10);
    expect(revisions).toBeLessThan(60);
  });
});
