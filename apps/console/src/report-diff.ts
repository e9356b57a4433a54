import type { QualityMetric, WeeklyReport } from '@watchkeeper/domain';
import {
  newcombeDifference,
  studentTQuantile,
  welchDifference,
  type Interval,
  type Moments,
} from '@watchkeeper/statistics';
import { QUALITY_METRICS, type QualityMetricView } from './report-words';

const CONFIDENCE = 0.95;

/** A difference `to` − `from`; without an interval where the two are no independent samples or one has no number. */
export interface MetricDifference {
  readonly metric: QualityMetricView['name'];
  readonly from: QualityMetric;
  readonly to: QualityMetric;
  readonly difference?: number;
  readonly low?: number;
  readonly high?: number;
  readonly real?: boolean;
  readonly method?: string;
}

export interface ReportDifference {
  readonly from: { readonly week: string; readonly revision: number };
  readonly to: { readonly week: string; readonly revision: number };
  readonly counts: Readonly<Record<keyof WeeklyReport['counts'], { from: number; to: number; difference: number }>>;
  readonly metrics: readonly MetricDifference[];
}

/** What is different between two reports: two weeks, or two revisions of one. */
export function differenceOf(from: WeeklyReport, to: WeeklyReport): ReportDifference {
  const names = Object.keys(from.counts) as (keyof WeeklyReport['counts'])[];
  const counts = names.map((name) => {
    const both = { from: from.counts[name], to: to.counts[name] };
    return [name, { ...both, difference: both.to - both.from }] as const;
  });
  return {
    from: { week: from.week, revision: from.revision },
    to: { week: to.week, revision: to.revision },
    // fromEntries forgets which names there are; they are those of the counts.
    counts: Object.fromEntries(counts) as ReportDifference['counts'],
    metrics: QUALITY_METRICS.map((view) => metricDifference(view, from, to)),
  };
}

function metricDifference({ name, unit }: QualityMetricView, a: WeeklyReport, b: WeeklyReport): MetricDifference {
  const [from, to] = [a.metrics[name], b.metrics[name]];
  const plain = { metric: name, from, to };
  if ('notEnoughLabels' in from || 'notEnoughLabels' in to) return plain;
  // Two revisions of one week rest on the same labels: no test for independent samples applies.
  if (a.week === b.week) return { ...plain, difference: to.estimate - from.estimate };
  const { estimate, low, high } =
    unit === 'share' ? newcombeDifference(shareOf(to), shareOf(from)) : welchDifference(momentsOf(to), momentsOf(from));
  const method = unit === 'share' ? 'newcombe' : 'welch';
  return { ...plain, difference: estimate, low, high, real: low > 0 || high < 0, method };
}

function shareOf({ estimate, labels }: Interval & { readonly labels: number }) {
  return { successes: Math.round(estimate * labels), n: labels };
}

/** The sums behind a mean, back from its Student interval. The wider side is the one that no end of the scale has cut. */
function momentsOf({ estimate, low, high, labels }: Interval & { readonly labels: number }): Moments {
  const half = Math.max(estimate - low, high - estimate);
  const standardError = half / studentTQuantile((1 + CONFIDENCE) / 2, labels - 1);
  const sumOfDeviations = standardError ** 2 * labels * (labels - 1);
  return { n: labels, sum: estimate * labels, sumOfSquares: sumOfDeviations + labels * estimate ** 2 };
}
