import { weeklyReportOf, type ReportInputs } from '@watchkeeper/app-batch/weekly-report';
import { renderTerminal } from '@watchkeeper/app-console/render-terminal';
import { weeklyReportSchema, type QualityMetric } from '@watchkeeper/domain';
import { newcombeDifference, wilsonInterval } from '@watchkeeper/statistics';
import { aShare, aWeekFacts } from '../fixtures/week-facts';

/**
 * Chapter 7. The weekly report is what an ML quality lead reads on Monday: did quality change, is it real, for which
 * model? A bare percentage answers none of this. Each number here stands on a sample of human ratings, so each has an
 * interval, and where there are too few ratings there is no number at all.
 */
describe('7. A weekly report says how sure it is', () => {
  it('one in three may be anything: an interval says what the ratings can tell', () => {
    // Wilson's interval is for shares. It holds for few ratings too, and never leaves 0..1.
    const few = wilsonInterval({ successes: 1, n: 3 });
    expect([few.low, few.high].map((share) => share.toFixed(2))).toEqual(['0.06', '0.79']);

    const many = wilsonInterval({ successes: 100, n: 300 });
    expect([many.low, many.high].map((share) => share.toFixed(2))).toEqual(['0.28', '0.39']);
  });

  it('shows a number with its interval, or says "not enough labels"', () => {
    const { metrics } = reportOf({ accuracy: aShare(400, 364), hallucinationRate: aShare(12, 4) });
    expect(metrics.accuracy).toMatchObject({ estimate: 0.91, labels: 400, method: 'wilson' });
    const { low, high } = numberOf(metrics.accuracy);
    expect([low, high].map((share) => share.toFixed(2))).toEqual(['0.88', '0.93']);

    // Below a hundred labels the report is silent, whatever the twelve of them say.
    expect(metrics.hallucinationRate).toEqual({ notEnoughLabels: true, labels: 12 });
  });

  it('calls a change real only when its interval leaves 0 out', () => {
    // 9 % last week, 11.5 % this week: it looks worse, and may be nothing.
    const last = aWeekFacts({ hallucinationRate: aShare(500, 45) });
    const perhaps = reportOf({ hallucinationRate: aShare(520, 60) }, last).metrics.hallucinationRate;
    expect(numberOf(perhaps).change).toMatchObject({ real: false, method: 'newcombe' });

    // 31 % is no chance. The interval of the difference comes from the two intervals (Newcombe).
    const surely = reportOf({ hallucinationRate: aShare(520, 160) }, last).metrics.hallucinationRate;
    const { low, high } = newcombeDifference({ successes: 160, n: 520 }, { successes: 45, n: 500 });
    expect(numberOf(surely).change).toMatchObject({ real: true, low, high });
    expect(low).toBeGreaterThan(0);
  });

  it('says what it rests on, and whether every count agrees', () => {
    const report = reportOf({ accuracy: aShare(400, 364) });
    expect(report.provenance).toMatchObject({ modelSha256: ['5afe'], policyHash: ['b01d'], codeVersion: '0.1.0' });
    expect(report.reconciliation).toMatchObject({
      log: 1_000,
      bronze: 1_000,
      silver: 1_000,
      gold: 1_000,
      agrees: true,
    });

    // The same report as JSON (this is its published schema), as a page, and for the terminal.
    expect(weeklyReportSchema.parse(report)).toEqual(report);
    expect(renderTerminal(report)).toContain('not enough labels');
  });

  function reportOf(quality: Parameters<typeof aWeekFacts>[0], before?: ReportInputs['before']) {
    return weeklyReportOf({
      tenant: 'acme',
      week: '2026-W47',
      facts: aWeekFacts(quality),
      before,
      lake: {
        checks: [],
        totals: { log: 1_000, bronze: 1_000, silver: 1_000, gold: 1_000 },
        snapshots: { 'gold.weekly_quality': '8412345678901234567' },
        freshestMs: Date.parse('2026-11-20T09:59:58.000Z'),
        isCaughtUp: true,
      },
      labelsMin: 100,
      labelsPerModelMin: 30,
      codeVersion: '0.1.0',
      nowMs: Date.parse('2026-11-20T10:00:00.000Z'),
    });
  }

  function numberOf(metric: QualityMetric): Extract<QualityMetric, { estimate: number }> {
    if (!('estimate' in metric)) throw new Error('there are enough labels');
    return metric;
  }
});

// This was the tour. ARCHITECTURE.md shows how the parts hang together; `npm run demo` shows them at work.
