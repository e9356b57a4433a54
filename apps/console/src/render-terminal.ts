import type { QualityMetric, WeeklyReport } from '@watchkeeper/domain';
import {
  categoriesOf,
  categoryText,
  changeText,
  countText,
  instantText,
  intervalText,
  labelsText,
  millisecondsText,
  modelText,
  notEnoughText,
  QUALITY_METRICS,
  standingText,
  valueText,
  weekText,
  type Unit,
} from './report-words';

type Row = readonly string[];

/** The report as text of at most about 100 columns, with the numbers of the page. */
export function renderTerminal(report: WeeklyReport): string {
  const { counts, alertRate, actionRate, timeToActionMs, reconciliation, provenance } = report;
  const { log, bronze, silver, gold, agrees, detail } = reconciliation;
  return [
    `Weekly quality ${report.week}  (${weekText(report.week)})  ${oneLine(report.tenant)}`,
    `${standingText(report)}, as of ${instantText(report.asOf)}: ${report.changes.join(', ')}`,
    '',
    table(
      ['', 'estimate', '95 % interval', 'labels', 'change against last week'],
      QUALITY_METRICS.map(({ name, title, unit }) => [title, ...cellsOf(report.metrics[name], unit)]),
    ),
    '',
    `Conversations ${countText(counts.conversations)}   turns ${countText(counts.turns)}   unclassified ${countText(counts.unclassified)}   evaluations ${countText(counts.evaluations)}`,
    `Alerts ${countText(counts.alerts)}: ${rateText(alertRate)} of turns   acted on ${countText(counts.actions)}: ${rateText(actionRate)}`,
    `Time to action p50 ${millisecondsText(timeToActionMs.p50)}, p99 ${millisecondsText(timeToActionMs.p99)}, n = ${countText(timeToActionMs.n)}`,
    '',
    categories(report),
    models(report),
    `Reconciled ${agrees ? '✓' : '✗'}  log ${countText(log)} = bronze ${countText(bronze)} records; silver ${countText(silver)} = gold ${countText(gold)} turns`,
    ...detail
      .filter((line) => !line.agrees)
      .map((line) => `  ✗ ${line.what}: expected ${countText(line.expected)}, found ${countText(line.found)}`),
    `From  model ${provenance.modelSha256.map(short).join(', ') || 'none'}   policy ${provenance.policyHash.map(short).join(', ') || 'none'}   code ${provenance.codeVersion}   gold snapshot ${provenance.snapshots['gold.weekly_quality'] ?? 'none'}`,
    '',
  ].join('\n');
}

function categories(report: WeeklyReport): string {
  const { alerted, silent } = categoriesOf(report);
  if (alerted.length === 0) return 'No alert in this week.\n';
  const rows = alerted.map(({ category, alerts, actions }) => [
    categoryText(category),
    countText(alerts.count),
    rateText(alerts),
    countText(actions.count),
  ]);
  const text = table(['category', 'alerts', 'share of turns (95 %)', 'acted on'], rows);
  return silent.length === 0 ? `${text}\n` : `${text}\nno alert of: ${silent.join(', ')}\n`;
}

function models({ byModel }: WeeklyReport): string {
  const rows = byModel.map(({ model, metrics, counts }) => [
    oneLine(modelText(model)),
    countText(counts.turns),
    ...QUALITY_METRICS.map(({ name, unit }) => compactText(metrics[name], unit)),
  ]);
  return `${table(['model', 'turns', ...QUALITY_METRICS.map(({ title }) => title.toLowerCase())], rows)}\n`;
}

function cellsOf(metric: QualityMetric, unit: Unit): Row {
  if ('notEnoughLabels' in metric) return ['–', 'not enough labels', labelsText(metric.labels), ''];
  return [
    valueText(metric.estimate, unit),
    intervalText(metric, unit),
    labelsText(metric.labels),
    changeText(metric, unit),
  ];
}

function compactText(metric: QualityMetric, unit: Unit): string {
  return 'notEnoughLabels' in metric
    ? notEnoughText(metric.labels)
    : `${valueText(metric.estimate, unit)} (${intervalText(metric, unit)})`;
}

function rateText(rate: { rate: number; low: number; high: number }): string {
  return `${valueText(rate.rate, 'share')} (${intervalText(rate, 'share')})`;
}

/** Columns as wide as their widest cell. */
function table(head: Row, rows: readonly Row[]): string {
  const widths = head.map((title, i) => Math.max(...[title, ...rows.map((row) => row[i] ?? '')].map(columns)));
  return [head, ...rows]
    .map((row) =>
      row
        .map((cell, i) => cell + ' '.repeat((widths[i] ?? 0) - columns(cell)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

function columns(text: string): number {
  return Array.from(text).length;
}

/** Names are the poster's: nothing in them may move a cursor. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '?');
}

function short(hash: string): string {
  return hash.slice(0, 12);
}
