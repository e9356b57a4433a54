import { html, type Markup } from './html';
import { intervalText, valueText, type Unit } from './report-words';

/** Inline SVG, 360 units wide: on a telephone a unit is a pixel. Colours come from classes, so that both themes work. */
const WIDTH = 360;
const MARGIN = 14;
const TICKS = 4;

export interface IntervalRow {
  readonly label: string;
  /** undefined: there is no number, and `missing` says why. */
  readonly value?: { readonly estimate: number; readonly low: number; readonly high: number };
  readonly missing?: string;
}

const ROW_HEIGHT = 42;
const AXIS_HEIGHT = 26;
const LABEL_LENGTH_MAX = 30;

/** One line per row: its interval and, on it, its estimate. Intervals can be compared down the page. */
export function intervalChart(title: string, rows: readonly IntervalRow[], unit: Unit): Markup {
  const values = rows.flatMap(({ value }) => (value ? [value.low, value.high] : []));
  const scale = scaleOf(values, unit, [MARGIN, WIDTH - MARGIN]);
  const bottom = rows.length * ROW_HEIGHT + 6;
  return html`<svg viewBox="0 0 ${WIDTH} ${bottom + AXIS_HEIGHT}" role="img" aria-label="${title}">
    ${
      values.length === 0
        ? undefined
        : scale.ticks.map(
            (tick) =>
              html`<line class="grid" x1="${px(scale.at(tick))}" x2="${px(scale.at(tick))}" y1="0" y2="${bottom}" />
                <text class="tick" x="${px(scale.at(tick))}" y="${bottom + 16}" text-anchor="middle"
                  >${tickText(tick, scale.step, unit)}</text
                >`,
          )
    }
    ${rows.map((row, i) => intervalRow(row, i * ROW_HEIGHT, scale, unit))}
  </svg>`;
}

function intervalRow({ label, value, missing }: IntervalRow, top: number, scale: Scale, unit: Unit): Markup {
  const y = top + 30;
  return html`<g
    ><title>${label}</title>
    <text class="row" x="0" y="${top + 16}">${shortened(label)}</text>
    <text class="${value ? 'figure' : 'quiet'}" x="${WIDTH}" y="${top + 16}" text-anchor="end"
      >${value ? valueText(value.estimate, unit) : (missing ?? '')}</text
    >
    ${
      value &&
      html`<line
          class="interval"
          x1="${px(scale.at(value.low))}"
          x2="${px(scale.at(value.high))}"
          y1="${y}"
          y2="${y}"
        />
        <circle class="dot" cx="${px(scale.at(value.estimate))}" cy="${y}" r="4.5" />`
    }
  </g>`;
}

export interface TrendPoint {
  /** Short: it stands below the axis. */
  readonly label: string;
  readonly value?: { readonly estimate: number; readonly low: number; readonly high: number };
}

const TREND_HEIGHT = 150;
const TREND_LEFT = 40;
const TREND_BOTTOM = 124;
const TREND_TOP = 10;

/** A line with the ribbon of its intervals; a week without a number is a gap. The last point is this report's. */
export function trendChart(title: string, points: readonly TrendPoint[], unit: Unit): Markup {
  const values = points.flatMap(({ value }) => (value ? [value.low, value.high] : []));
  const scale = scaleOf(values, unit, [TREND_BOTTOM, TREND_TOP]);
  const step = (WIDTH - TREND_LEFT - MARGIN) / Math.max(1, points.length - 1);
  const x = (i: number) => (points.length === 1 ? (WIDTH + TREND_LEFT) / 2 : TREND_LEFT + i * step);
  const every = Math.ceil(points.length / 6);
  return html`<svg viewBox="0 0 ${WIDTH} ${TREND_HEIGHT}" role="img" aria-label="${title}">
    ${
      values.length === 0
        ? html`<text class="quiet" x="${WIDTH / 2}" y="70" text-anchor="middle">no week with enough labels yet</text>`
        : scale.ticks.map(
            (tick) =>
              html`<line
                  class="grid"
                  x1="${TREND_LEFT}"
                  x2="${WIDTH}"
                  y1="${px(scale.at(tick))}"
                  y2="${px(scale.at(tick))}"
                />
                <text class="tick" x="${TREND_LEFT - 6}" y="${px(scale.at(tick) + 4)}" text-anchor="end"
                  >${tickText(tick, scale.step, unit)}</text
                >`,
          )
    }
    ${runsOf(points).map((run) => runOf(run, points, x, scale))}
    ${points.map((point, i) =>
      (points.length - 1 - i) % every === 0
        ? html`<text
            class="tick"
            x="${px(x(i))}"
            y="${TREND_HEIGHT - 6}"
            text-anchor="${i === points.length - 1 && i > 0 ? 'end' : 'middle'}"
            >${point.label}</text
          >`
        : undefined,
    )}
  </svg>`;
}

/** Neighbouring points with a number, as index ranges. */
function runsOf(points: readonly TrendPoint[]): readonly (readonly number[])[] {
  const runs: number[][] = [];
  for (const [i, { value }] of points.entries()) {
    if (!value) continue;
    if (i > 0 && points[i - 1]?.value) runs.at(-1)?.push(i);
    else runs.push([i]);
  }
  return runs;
}

function runOf(run: readonly number[], points: readonly TrendPoint[], x: (i: number) => number, scale: Scale): Markup {
  const at = (i: number, of: 'estimate' | 'low' | 'high') => `${px(x(i))},${px(scale.at(points[i]?.value?.[of] ?? 0))}`;
  const ribbon = [...run.map((i) => at(i, 'high')), ...run.toReversed().map((i) => at(i, 'low'))].join(' ');
  return html`<g>
    ${run.length > 1 ? html`<polygon class="ribbon" points="${ribbon}" />` : undefined}
    ${run.length > 1 ? html`<polyline class="trend" points="${run.map((i) => at(i, 'estimate')).join(' ')}" />` : undefined}
    ${run.map((i) => trendPoint(points[i], x(i), scale, { isLast: i === points.length - 1, isAlone: run.length === 1 }))}
  </g>`;
}

function trendPoint(
  point: TrendPoint | undefined,
  x: number,
  scale: Scale,
  { isLast, isAlone }: { isLast: boolean; isAlone: boolean },
): Markup | undefined {
  const value = point?.value;
  if (!value) return undefined;
  const whisker = html`<line
    class="interval"
    x1="${px(x)}"
    x2="${px(x)}"
    y1="${px(scale.at(value.low))}"
    y2="${px(scale.at(value.high))}"
  />`;
  return html`${isLast || isAlone ? whisker : undefined}<circle
      class="dot"
      cx="${px(x)}"
      cy="${px(scale.at(value.estimate))}"
      r="${isLast ? 4.5 : 2.5}"
    />`;
}

/** Bars from one start, each with its number: what became of what there was. */
export function funnelChart(
  title: string,
  rows: readonly { readonly label: string; readonly count: number }[],
): Markup {
  const max = Math.max(1, ...rows.map(({ count }) => count));
  return html`<svg viewBox="0 0 ${WIDTH} ${rows.length * 40}" role="img" aria-label="${title}">
    ${rows.map(
      ({ label, count }, i) =>
        html`<text class="row" x="0" y="${i * 40 + 15}">${label}</text>
          <text class="figure" x="${WIDTH}" y="${i * 40 + 15}" text-anchor="end">${count.toLocaleString('en-US')}</text>
          <rect class="track" x="0" y="${i * 40 + 21}" width="${WIDTH}" height="8" rx="4" />
          <rect
            class="bar"
            x="0"
            y="${i * 40 + 21}"
            width="${px(count === 0 ? 0 : Math.max(3, (count / max) * WIDTH))}"
            height="8"
            rx="4"
          />`,
    )}
  </svg>`;
}

interface Scale {
  readonly at: (value: number) => number;
  readonly ticks: readonly number[];
  readonly step: number;
}

const BOUNDS: Readonly<Record<Unit, readonly [number, number]>> = { share: [0, 1], points: [1, 5] };

/** A linear scale over round numbers that hold the values, never past what the unit allows. */
function scaleOf(values: readonly number[], unit: Unit, [from, to]: readonly [number, number]): Scale {
  const [least, most] = values.length === 0 ? BOUNDS[unit] : [Math.min(...values), Math.max(...values)];
  const step = roundStep((most - least || (unit === 'share' ? 0.02 : 0.2)) / TICKS);
  const low = Math.max(BOUNDS[unit][0], Math.floor(least / step) * step);
  const high = Math.min(BOUNDS[unit][1], Math.max(low + step, Math.ceil(most / step) * step));
  const count = Math.max(1, Math.round((high - low) / step));
  return {
    at: (value) => from + ((value - low) / (high - low)) * (to - from),
    ticks: Array.from({ length: count + 1 }, (_, i) => low + i * step).filter((tick) => tick <= high + step / 1_000),
    step,
  };
}

/** 1, 2 or 5 times a power of ten, not below `rough`. */
function roundStep(rough: number): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const factor = [1, 2, 5, 10].find((each) => each * power >= rough * 0.999) ?? 10;
  return factor * power;
}

function tickText(tick: number, step: number, unit: Unit): string {
  const shown = unit === 'share' ? 100 : 1;
  const digits = Math.max(0, -Math.floor(Math.log10(step * shown) + 1e-9));
  return `${(tick * shown).toFixed(digits)}${unit === 'share' ? ' %' : ''}`;
}

function shortened(label: string): string {
  return label.length <= LABEL_LENGTH_MAX ? label : `${label.slice(0, LABEL_LENGTH_MAX - 1)}…`;
}

function px(position: number): string {
  return position.toFixed(1);
}

/** For a table cell beside a chart. */
export function estimateText(value: { estimate: number; low: number; high: number }, unit: Unit): string {
  return `${valueText(value.estimate, unit)} (${intervalText(value, unit)})`;
}
