import { weekBounds, type QualityMetric, type WeeklyReport } from '@watchkeeper/domain';

/** How the numbers of a report are written, the same on a page and in a terminal. */

export const QUALITY_METRICS = [
  { name: 'accuracy', title: 'Accuracy', unit: 'share', what: 'answers that raters call correct' },
  { name: 'hallucinationRate', title: 'Hallucination rate', unit: 'share', what: 'answers that raters call made up' },
  { name: 'satisfaction', title: 'Satisfaction', unit: 'points', what: 'mean rating, 1 to 5' },
] as const;

export type QualityMetricView = (typeof QUALITY_METRICS)[number];
export type Unit = QualityMetricView['unit'];

const MINUS = '−';

export function countText(count: number): string {
  return count.toLocaleString('en-US');
}

/** `91.0 %` or `4.10`; shares below one in a hundred as `0.12 %`. */
export function valueText(value: number, unit: Unit): string {
  return unit === 'share' ? `${(value * 100).toFixed(digitsFor(value))} %` : value.toFixed(2);
}

/** `88.0–93.0 %` or `3.98–4.22`. */
export function intervalText({ low, high }: { low: number; high: number }, unit: Unit): string {
  if (unit === 'points') return `${low.toFixed(2)}–${high.toFixed(2)}`;
  const digits = digitsFor(high);
  return `${(low * 100).toFixed(digits)}–${(high * 100).toFixed(digits)} %`;
}

function digitsFor(share: number): number {
  return share > 0 && share < 0.01 ? 2 : 1;
}

/** `−2.0 pp` or `+0.12`. */
export function differenceText(difference: number, unit: Unit): string {
  const size = unit === 'share' ? `${Math.abs(difference * 100).toFixed(1)} pp` : Math.abs(difference).toFixed(2);
  return `${signOf(difference, unit)}${size}`;
}

function signOf(difference: number, unit: Unit): string {
  // What is written as zero has no sign.
  const shown = unit === 'share' ? (difference * 100).toFixed(1) : difference.toFixed(2);
  if (Number(shown) === 0) return '±';
  return difference < 0 ? MINUS : '+';
}

/** `▼ −2.0 pp against last week (−5.0 pp to +1.0 pp): not distinguishable`. */
export function changeText(metric: QualityMetric, unit: Unit): string {
  if ('notEnoughLabels' in metric) return '';
  const { change } = metric;
  if (!change) return 'no number last week to compare with';
  const [low, high] = [differenceText(change.low, unit), differenceText(change.high, unit)];
  return `${changeMark(change)} ${differenceText(change.difference, unit)} (${low} to ${high}): ${change.real ? 'real' : 'not distinguishable'}`;
}

export function changeMark({ difference, real }: { difference: number; real: boolean }): string {
  if (!real) return '≈';
  return difference < 0 ? '▼' : '▲';
}

export function labelsText(labels: number): string {
  return `n = ${countText(labels)} ${labels === 1 ? 'label' : 'labels'}`;
}

export function notEnoughText(labels: number): string {
  return `not enough labels (${countText(labels)})`;
}

export function millisecondsText(ms: number | null): string {
  if (ms === null) return '–';
  if (ms < 1_000) return `${Math.round(ms)} ms`;
  return ms < 100_000 ? `${(ms / 1_000).toFixed(1)} s` : `${Math.round(ms / 60_000)} min`;
}

/** `2026-11-20 10:00 UTC`. */
export function instantText(instant: string): string {
  return `${instant.slice(0, 16).replace('T', ' ')} UTC`;
}

/** `Mon 16 Nov – Sun 22 Nov 2026, UTC`. */
export function weekText(week: string): string {
  const { startMs, endMs } = weekBounds(week);
  const day = (ms: number) =>
    new Date(ms).toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short', timeZone: 'UTC' });
  const last = endMs - 1;
  return `${day(startMs)} – ${day(last)} ${new Date(last).getUTCFullYear()}, UTC`;
}

export function modelText(model: WeeklyReport['byModel'][number]['model']): string {
  if (!model) return 'no model named';
  const name = model.provider ? `${model.provider}/${model.name}` : model.name;
  return model.version ? `${name} ${model.version}` : name;
}

/** `provisional`: more may come; `final`: over, and a day has passed. */
export function standingText({ final, revision }: WeeklyReport): string {
  return `${final ? 'final' : 'provisional'}, revision ${revision}`;
}

/** Labels that a shown number rests on. */
export function labelsUsed({ metrics }: WeeklyReport): number {
  return Object.values(metrics).reduce((total, metric) => total + ('notEnoughLabels' in metric ? 0 : metric.labels), 0);
}

/** Categories with an alert; `silent` names the others. */
export function categoriesOf({ byCategory }: WeeklyReport): {
  readonly alerted: WeeklyReport['byCategory'];
  readonly silent: readonly string[];
} {
  const silent = byCategory.filter(({ alerts }) => alerts.count === 0);
  return {
    alerted: byCategory.filter(({ alerts }) => alerts.count > 0),
    silent: silent.map(({ category }) => categoryText(category)),
  };
}

export function categoryText(category: string): string {
  return category.replaceAll('_', ' ');
}
