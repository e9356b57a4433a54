import { createHash } from 'node:crypto';
import type { QualityMetric, WeeklyReport } from '@watchkeeper/domain';
import { funnelChart, intervalChart, trendChart } from './charts';
import { html, Markup } from './html';
import { PAGE_STYLE } from './page-style';
import { categoryTable, historyTable, modelTable, provenanceList, reconciliationTable } from './report-tables';
import {
  categoriesOf,
  categoryText,
  changeText,
  countText,
  instantText,
  intervalText,
  labelsText,
  labelsUsed,
  millisecondsText,
  modelText,
  notEnoughText,
  QUALITY_METRICS,
  standingText,
  valueText,
  weekText,
  type QualityMetricView,
} from './report-words';

/** Weeks in the trend, this one among them. */
export const TREND_WEEKS = 12;

/** What a browser may do with the page: show it, with this very style sheet. Nothing is fetched, nothing runs. */
export const PAGE_POLICY = `default-src 'none'; style-src 'sha256-${createHash('sha256').update(PAGE_STYLE).digest('base64')}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`;

/** Byte for byte what the policy's hash was taken of. */
const STYLE_ELEMENT = new Markup(`<style>${PAGE_STYLE}</style>`);

/**
 * The report as one page that needs nothing else: it can be mailed, kept and opened from a disk.
 * `history`: reports of earlier weeks, oldest first. Every chart's numbers are written below it.
 */
export function renderHtml(report: WeeklyReport, history: readonly WeeklyReport[] = []): string {
  const weeks = [...history.filter(({ week }) => week < report.week), report].slice(-TREND_WEEKS);
  // Only what a <meta> may carry: frame-ancestors has a meaning in the header alone.
  const policy = PAGE_POLICY.replace(" frame-ancestors 'none';", '');
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta http-equiv="Content-Security-Policy" content="${policy}" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Weekly quality ${report.week} · ${report.tenant}</title>
        ${STYLE_ELEMENT}
      </head>
      <body>
        <main>
          ${headerOf(report)} ${tilesOf(report)} ${trendOf(report, weeks)} ${modelsOf(report)} ${alertsOf(report)}
          ${labelsOf(report)}
          <section>
            <h2>Counts reconciled</h2>
            ${reconciliationTable(report)}
          </section>
          <section>
            <h2>Where the numbers come from</h2>
            <div class="card">${provenanceList(report)}</div>
          </section>
          <footer>
            Intervals are 95 %. Shares: Wilson, their difference by Newcombe; means: Student's t, their difference by
            Welch. A change is called real when its interval leaves 0 out. Weeks are ISO weeks in UTC, by when it was
            said.
          </footer>
        </main>
      </body>
    </html> `.text;
}

function headerOf(report: WeeklyReport): Markup {
  const { agrees } = report.reconciliation;
  return html`<header>
    <h1>Weekly quality, ${report.week}</h1>
    <p class="soft">${weekText(report.week)} · ${report.tenant}</p>
    <ul class="badges">
      <li>${standingText(report)}</li>
      <li>as of ${instantText(report.asOf)}</li>
      <li class="${agrees ? 'good' : 'bad'}">
        ${agrees ? '✓ log = bronze = silver = gold' : '✗ the counts do not agree'}
      </li>
    </ul>
    <p class="soft">This revision: ${report.changes.join(', ')}.</p>
  </header>`;
}

function tilesOf(report: WeeklyReport): Markup {
  const { counts, timeToActionMs, alertRate } = report;
  const small = [
    { title: 'Conversations', value: countText(counts.conversations), note: '' },
    { title: 'Turns', value: countText(counts.turns), note: `${countText(counts.unclassified)} unclassified` },
    {
      title: 'Alerts',
      value: countText(counts.alerts),
      note: `${valueText(alertRate.rate, 'share')} of turns (${intervalText(alertRate, 'share')})`,
    },
    {
      title: 'Acted on',
      value: countText(counts.actions),
      note: `${valueText(report.actionRate.rate, 'share')} of turns (${intervalText(report.actionRate, 'share')})`,
    },
    {
      title: 'Time to action',
      value: millisecondsText(timeToActionMs.p50),
      note: `p50; p99 ${millisecondsText(timeToActionMs.p99)}, n = ${countText(timeToActionMs.n)}`,
    },
  ];
  return html`<section aria-label="Quality">
      <div class="tiles">${QUALITY_METRICS.map((view) => qualityTile(view, report.metrics[view.name]))}</div>
    </section>
    <section aria-label="Volume">
      <div class="tiles small">
        ${small.map(
          ({ title, value, note }) =>
            html`<div class="card tile">
              <h3>${title}</h3>
              <p class="value">${value}</p>
              <p class="soft">${note}</p>
            </div>`,
        )}
      </div>
    </section>`;
}

function qualityTile({ title, unit, what }: QualityMetricView, metric: QualityMetric): Markup {
  if ('notEnoughLabels' in metric) {
    return html`<div class="card tile">
      <h3>${title}</h3>
      <p class="value missing">not enough labels</p>
      <p class="soft">${labelsText(metric.labels)}; ${what}</p>
    </div>`;
  }
  return html`<div class="card tile">
    <h3>${title}</h3>
    <p class="value">${valueText(metric.estimate, unit)}</p>
    <p>95 %: ${intervalText(metric, unit)}</p>
    <p class="soft">${labelsText(metric.labels)}; ${what}</p>
    <p class="${metric.change?.real ? 'change' : 'soft'}">
      ${metric.change ? html`${changeText(metric, unit)} against last week` : changeText(metric, unit)}
    </p>
  </div>`;
}

function trendOf(report: WeeklyReport, weeks: readonly WeeklyReport[]): Markup {
  const charts = QUALITY_METRICS.map(({ name, title, unit }) => {
    const points = weeks.map(({ week, metrics }) => ({ label: week.slice(5), ...valueOf(metrics[name]) }));
    return html`<div class="card">
      <h3>${title}</h3>
      ${trendChart(`${title} by week, with intervals; numbers in the table below`, points, unit)}
    </div>`;
  });
  return html`<section>
    <h2>The last weeks</h2>
    <div class="tiles">${charts}</div>
    ${historyTable(weeks, report.week)}
  </section>`;
}

function modelsOf(report: WeeklyReport): Markup {
  const charts = QUALITY_METRICS.map(({ name, title, unit }) => {
    const rows = report.byModel.map(({ model, metrics }) => ({ label: modelText(model), ...valueOf(metrics[name]) }));
    return html`<div class="card">
      <h3>${title}</h3>
      ${intervalChart(`${title} by model, with intervals; numbers in the table below`, rows, unit)}
    </div>`;
  });
  return html`<section>
    <h2>By model</h2>
    <div class="tiles">${charts}</div>
    ${modelTable(report)}
  </section>`;
}

function alertsOf(report: WeeklyReport): Markup {
  const { alerted, silent } = categoriesOf(report);
  if (alerted.length === 0)
    return html`<section>
      <h2>Alerts</h2>
      <p>No alert in this week.</p>
    </section>`;
  const rows = alerted.map(({ category, alerts: { rate, low, high } }) => ({
    label: categoryText(category),
    value: { estimate: rate, low, high },
  }));
  return html`<section>
    <h2>Alerts by category</h2>
    <div class="pair">
      <div class="card">
        <h3>Share of turns alerted</h3>
        ${intervalChart('Alert rate by category, with intervals; numbers in the table beside it', rows, 'share')}
      </div>
      ${categoryTable(alerted)}
    </div>
    ${silent.length > 0 ? html`<p class="soft after">No alert of: ${silent.join(', ')}.</p>` : undefined}
  </section>`;
}

function labelsOf(report: WeeklyReport): Markup {
  const rows = [
    { label: 'Turns said', count: report.counts.turns },
    { label: 'Human evaluations', count: report.counts.evaluations },
    { label: 'Labels behind the numbers above', count: labelsUsed(report) },
  ];
  return html`<section>
    <h2>From turns to labels</h2>
    <div class="card">${funnelChart('Turns, evaluations and labels used', rows)}</div>
  </section>`;
}

function valueOf(metric: QualityMetric) {
  return 'notEnoughLabels' in metric ? { missing: notEnoughText(metric.labels) } : { value: metric };
}
