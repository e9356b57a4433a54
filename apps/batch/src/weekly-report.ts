import { weekBounds, type ModelRef, type WeekId, type WeeklyReport } from '@watchkeeper/domain';
import type { QualityFacts, WeekFacts } from '@watchkeeper/lakehouse';
import type { LakeState } from './lake-state';
import { meanOf, proportionOf, rateOf } from './quality-estimates';

/** So long after its end, what was said in a week has had the time to come. */
const LATE_MS = 24 * 60 * 60_000;

export interface ReportInputs {
  readonly tenant: string;
  readonly week: WeekId;
  readonly facts: WeekFacts;
  /** Of the week before; undefined when nothing was said in it. */
  readonly before: WeekFacts | undefined;
  readonly lake: LakeState;
  readonly labelsMin: number;
  readonly labelsPerModelMin: number;
  readonly codeVersion: string;
  readonly nowMs: number;
}

/** Facts in, report out: every number with its interval. `revision` and `changes` are those of a first report. */
export function weeklyReportOf(inputs: ReportInputs): WeeklyReport {
  const { facts, before, lake, nowMs } = inputs;
  const { metrics } = facts.all;
  return {
    v: 1,
    tenant: inputs.tenant,
    week: inputs.week,
    revision: 1,
    asOf: new Date(nowMs).toISOString(),
    final: isFinal(inputs.week, lake, nowMs),
    changes: ['first report'],
    counts: countsOf(facts.all),
    metrics: metricsOf(facts.all, before?.all, inputs.labelsMin),
    alertRate: rateOf(metrics.alertRate.sum, metrics.alertRate.n),
    actionRate: rateOf(metrics.actionRate.sum, metrics.actionRate.n),
    byCategory: byCategoryOf(facts.all),
    timeToActionMs: {
      p50: metrics.timeToActionMsP50.value,
      p99: metrics.timeToActionMsP99.value,
      n: metrics.timeToActionMsP50.n,
    },
    byModel: byModelOf(inputs),
    reconciliation: reconciliationOf(facts, lake),
    provenance: {
      snapshots: { ...lake.snapshots },
      modelSha256: facts.modelSha256.toSorted(),
      policyHash: facts.policyHash.toSorted(),
      codeVersion: inputs.codeVersion,
      freshnessSeconds: lake.freshestMs === undefined ? null : Math.max(0, (nowMs - lake.freshestMs) / 1_000),
    },
  };
}

/** Can this week's report be final yet? The week must be over, its late events too, and both must be in the lake. */
export function isFinal(week: WeekId, lake: Pick<LakeState, 'freshestMs' | 'isCaughtUp'>, nowMs: number): boolean {
  const finalFromMs = finalFrom(week);
  const holdsAll = lake.isCaughtUp || (lake.freshestMs !== undefined && lake.freshestMs >= finalFromMs);
  return nowMs >= finalFromMs && holdsAll;
}

/** The first instant at which the week's report may be final, ms. */
export function finalFrom(week: WeekId): number {
  return weekBounds(week).endMs + LATE_MS;
}

function countsOf({ metrics }: QualityFacts): WeeklyReport['counts'] {
  return {
    conversations: metrics.conversations.n,
    turns: metrics.turns.n,
    alerts: metrics.alerts.n,
    actions: metrics.actedOn.n,
    evaluations: metrics.evaluations.n,
    unclassified: metrics.unclassified.n,
  };
}

function metricsOf(
  { metrics }: QualityFacts,
  before: QualityFacts | undefined,
  labelsMin: number,
): WeeklyReport['metrics'] {
  const last = before?.metrics;
  return {
    accuracy: proportionOf(metrics.accuracy, last?.accuracy, labelsMin),
    hallucinationRate: proportionOf(metrics.hallucinationRate, last?.hallucinationRate, labelsMin),
    satisfaction: meanOf(metrics.satisfaction, last?.satisfaction, labelsMin),
  };
}

function byCategoryOf({ byCategory, metrics }: QualityFacts): WeeklyReport['byCategory'] {
  return byCategory
    .map(({ category, alerts, actedOn }) => ({
      category,
      alerts: rateOf(alerts, metrics.turns.n),
      actions: rateOf(actedOn, metrics.turns.n),
    }))
    .toSorted((a, b) => b.alerts.count - a.alerts.count || (a.category < b.category ? -1 : 1));
}

function byModelOf({ facts, before, labelsPerModelMin }: ReportInputs): WeeklyReport['byModel'] {
  const last = new Map(before?.byModel.map((group) => [modelKey(group.model), group]));
  return facts.byModel
    .map((group) => ({
      model: group.model,
      counts: countsOf(group),
      metrics: metricsOf(group, last.get(modelKey(group.model)), labelsPerModelMin),
      alertRate: rateOf(group.metrics.alertRate.sum, group.metrics.alertRate.n),
    }))
    .toSorted((a, b) => b.counts.turns - a.counts.turns || (modelKey(a.model) < modelKey(b.model) ? -1 : 1));
}

/** Provider, name and version are a model's identity; what else is known of it may change. */
function modelKey(model: ModelRef | null): string {
  return JSON.stringify(model && [model.provider ?? null, model.name, model.version ?? null]);
}

function reconciliationOf(facts: WeekFacts, { checks, totals }: LakeState): WeeklyReport['reconciliation'] {
  const turnsOfWeek = facts.all.metrics.turns.n;
  const detail = [
    ...checks,
    {
      what: 'turns of this week: silver = gold',
      expected: turnsOfWeek,
      found: facts.goldTurns,
      agrees: turnsOfWeek === facts.goldTurns,
    },
  ];
  return { ...totals, agrees: detail.every(({ agrees }) => agrees), detail };
}
