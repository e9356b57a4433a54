import type { Measurement, QualityMetric, WeeklyReport } from '@watchkeeper/domain';
import {
  meanInterval,
  newcombeDifference,
  welchDifference,
  wilsonInterval,
  type Interval,
} from '@watchkeeper/statistics';

type Rate = WeeklyReport['alertRate'];

/** Ratings go from 1 to 5: an interval says nothing by leaving the scale. */
const SATISFACTION_SCALE = { min: 1, max: 5 };

/** A share of labels (simple random sample) with Wilson's interval; its change by Newcombe's. */
export function proportionOf(now: Measurement, before: Measurement | undefined, labelsMin: number): QualityMetric {
  if (now.n < Math.max(1, labelsMin)) return { notEnoughLabels: true, labels: now.n };
  const hasBefore = before !== undefined && before.n >= Math.max(1, labelsMin);
  return {
    ...wilsonInterval(shareOf(now)),
    labels: now.n,
    method: 'wilson',
    ...(hasBefore && { change: changeOf(newcombeDifference(shareOf(now), shareOf(before)), 'newcombe') }),
  };
}

/** A mean of ratings with Student's interval; its change by Welch's. */
export function meanOf(now: Measurement, before: Measurement | undefined, labelsMin: number): QualityMetric {
  if (now.n < Math.max(2, labelsMin)) return { notEnoughLabels: true, labels: now.n };
  const hasBefore = before !== undefined && before.n >= Math.max(2, labelsMin);
  const { estimate, low, high } = meanInterval(now);
  return {
    estimate,
    low: Math.max(SATISFACTION_SCALE.min, low),
    high: Math.min(SATISFACTION_SCALE.max, high),
    labels: now.n,
    method: 'student-t',
    ...(hasBefore && { change: changeOf(welchDifference(now, before), 'welch') }),
  };
}

/** `count` of `n` turns. Of no turns nothing is known: anything from 0 to 1. */
export function rateOf(count: number, n: number): Rate {
  if (n === 0) return { count, rate: 0, low: 0, high: 1 };
  const { estimate, low, high } = wilsonInterval({ successes: count, n });
  return { count, rate: estimate, low, high };
}

function shareOf({ n, sum }: Measurement): { readonly successes: number; readonly n: number } {
  return { successes: sum, n };
}

function changeOf({ estimate, low, high }: Interval, method: string) {
  return { difference: estimate, low, high, real: low > 0 || high < 0, method };
}
