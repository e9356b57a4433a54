import type { QualityMetric, WeeklyReport } from '@watchkeeper/domain';
import { estimateText } from './charts';
import { html, type Markup } from './html';
import {
  categoryText,
  changeText,
  countText,
  labelsText,
  modelText,
  notEnoughText,
  QUALITY_METRICS,
  valueText,
  intervalText,
  type Unit,
} from './report-words';

/** The numbers of the charts, as text. */

export function historyTable(weeks: readonly WeeklyReport[], current: string): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Numbers by week">
    <table>
      <caption>
        <span>Estimate (95 % interval), by week</span>
      </caption>
      <thead>
        <tr>
          <th scope="col">Week</th>
          ${QUALITY_METRICS.map(({ title }) => html`<th scope="col">${title}</th>`)}
          <th scope="col" class="number">Turns</th>
          <th scope="col" class="number">Alerts</th>
        </tr>
      </thead>
      <tbody>
        ${weeks.toReversed().map(
          (report) =>
            html`<tr>
              <th scope="row">${report.week}${report.week === current ? ' (this one)' : ''}</th>
              ${QUALITY_METRICS.map(({ name, unit }) => html`<td>${metricText(report.metrics[name], unit)}</td>`)}
              <td class="number">${countText(report.counts.turns)}</td>
              <td class="number">${countText(report.counts.alerts)}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

export function modelTable({ byModel }: WeeklyReport): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Numbers by model">
    <table>
      <caption>
        <span>Estimate (95 % interval), labels and change against last week, by model</span>
      </caption>
      <thead>
        <tr>
          <th scope="col" class="long">Model</th>
          ${QUALITY_METRICS.map(({ title }) => html`<th scope="col">${title}</th>`)}
          <th scope="col" class="number">Turns</th>
          <th scope="col">Alert rate</th>
        </tr>
      </thead>
      <tbody>
        ${byModel.map(
          ({ model, metrics, counts, alertRate }) =>
            html`<tr>
              <th scope="row" class="long">${modelText(model)}${attributesOf(model)}</th>
              ${QUALITY_METRICS.map(({ name, unit }) => html`<td class="metric">${metricText(metrics[name], unit)}${labelsLine(metrics[name], unit)}</td>`)}
              <td class="number">${countText(counts.turns)}</td>
              <td>${valueText(alertRate.rate, 'share')} (${intervalText(alertRate, 'share')})</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

function attributesOf(model: WeeklyReport['byModel'][number]['model']): Markup | undefined {
  const known = [
    ...(model?.releasedAt ? [`released ${model.releasedAt.slice(0, 10)}`] : []),
    ...Object.entries(model?.attributes ?? {}).map(([name, value]) => `${name}: ${plainText(value)}`),
  ];
  return known.length === 0 ? undefined : html`<br /><span class="soft">${known.join(', ')}</span>`;
}

function plainText(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

export function categoryTable(byCategory: WeeklyReport['byCategory']): Markup {
  return html`<div class="scroll" tabindex="0" role="region" aria-label="Alerts by category">
    <table>
      <caption>
        <span>Turns alerted and acted on, and their share of all turns (95 % interval)</span>
      </caption>
      <thead>
        <tr>
          <th scope="col">Category</th>
          <th scope="col" class="number">Alerts</th>
          <th scope="col">Share</th>
          <th scope="col" class="number">Acted on</th>
          <th scope="col">Share</th>
        </tr>
      </thead>
      <tbody>
        ${byCategory.map(
          ({ category, alerts, actions }) =>
            html`<tr>
              <th scope="row">${categoryText(category)}</th>
              <td class="number">${countText(alerts.count)}</td>
              <td>${valueText(alerts.rate, 'share')} (${intervalText(alerts, 'share')})</td>
              <td class="number">${countText(actions.count)}</td>
              <td>${valueText(actions.rate, 'share')} (${intervalText(actions, 'share')})</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </div>`;
}

export function reconciliationTable({ reconciliation }: WeeklyReport): Markup {
  const { log, bronze, silver, gold, detail } = reconciliation;
  return html`<p>
      Events: ${countText(log)} records in the log, ${countText(bronze)} rows in bronze. Turns: ${countText(silver)} in
      silver, ${countText(gold)} in gold. The rest of the events is feedback, repeated or unreadable.
    </p>
    <div class="scroll" tabindex="0" role="region" aria-label="Counts reconciled">
      <table>
        <caption>
          <span>Counts of the whole lake that must be equal, and this week's</span>
        </caption>
        <thead>
          <tr>
            <th scope="col" class="long">What</th>
            <th scope="col" class="number">Expected</th>
            <th scope="col" class="number">Found</th>
            <th scope="col">Agrees</th>
          </tr>
        </thead>
        <tbody>
          ${detail.map(
            ({ what, expected, found, agrees }) =>
              html`<tr>
                <th scope="row" class="long">${what}</th>
                <td class="number">${countText(expected)}</td>
                <td class="number">${countText(found)}</td>
                <td class="${agrees ? 'good' : 'bad'}">${agrees ? '✓ yes' : '✗ no'}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>`;
}

export function provenanceList({ provenance }: WeeklyReport): Markup {
  const { snapshots, modelSha256, policyHash, codeVersion, freshnessSeconds } = provenance;
  const hashes = (values: readonly string[]) =>
    values.length === 0
      ? html`none`
      : html`${values.map((value, i) => html`${i > 0 ? ', ' : ''}<code>${value}</code>`)}`;
  return html`<dl>
    <dt>Safety model (SHA-256)</dt>
    <dd>${hashes(modelSha256)}</dd>
    <dt>Policy (hash)</dt>
    <dd>${hashes(policyHash)}</dd>
    <dt>Code</dt>
    <dd><code>${codeVersion}</code></dd>
    <dt>Newest event in the lake</dt>
    <dd>${freshnessSeconds === null ? 'none' : `${freshnessSeconds.toFixed(1)} s old when this was built`}</dd>
    ${Object.entries(snapshots).map(
      ([table, id]) =>
        html`<dt>Snapshot of ${table}</dt>
          <dd><code>${id}</code></dd>`,
    )}
  </dl>`;
}

function metricText(metric: QualityMetric, unit: Unit): Markup {
  return 'notEnoughLabels' in metric
    ? html`${notEnoughText(metric.labels)}`
    : html`<span class="keep">${estimateText(metric, unit)}</span>`;
}

function labelsLine(metric: QualityMetric, unit: Unit): Markup | undefined {
  if ('notEnoughLabels' in metric) return undefined;
  const change = metric.change ? html`<br />${changeText(metric, unit)}` : undefined;
  return html`<br /><span class="soft">${labelsText(metric.labels)}${change}</span>`;
}
