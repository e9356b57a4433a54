import { aMetric, aReport } from '../../../test/fixtures/a-report';
import { escapeHtml, html } from './html';
import { renderHtml } from './render-html';
import { renderTerminal } from './render-terminal';
import { differenceText, intervalText, valueText } from './report-words';

const HOSTILE = `"><script>alert(1)</script><img src=x onerror='x'>`;

describe('the page', () => {
  it('escapes every name that somebody else has chosen', () => {
    const report = aReport({
      tenant: HOSTILE,
      changes: [HOSTILE],
      byModel: [
        {
          ...aReport().byModel[0]!,
          model: { provider: HOSTILE, name: HOSTILE, version: HOSTILE, attributes: { [HOSTILE]: HOSTILE } },
        },
      ],
    });
    const page = renderHtml(report);
    expect(page).not.toContain('<script');
    expect(page).not.toContain('<img');
    expect(page).toContain(escapeHtml(HOSTILE));
  });

  it('loads nothing and runs nothing', () => {
    const page = renderHtml(aReport());
    expect(page).not.toMatch(/\b(src|href|srcset|on\w+)=|url\(|@import|<(script|link|iframe|object)\b/);
    expect(page).not.toMatch(/\sstyle="/);
  });

  it('writes every number of a chart as text too', () => {
    const page = renderHtml(aReport())
      .replace(/\s+/g, ' ')
      .replace(/<svg.*?<\/svg>/g, '');
    for (const text of [
      '91.0 % (88.0–93.0 %)',
      'not enough labels (12)',
      '4.10 (3.98–4.22)',
      '0.75 % (0.8–1.4 %)',
      '1,000',
    ])
      expect(page).toContain(text);
  });

  it('marks a change as real or not distinguishable', () => {
    const change = { difference: -0.06, low: -0.09, high: -0.03, real: true, method: 'newcombe' };
    const metrics = { ...aReport().metrics, accuracy: aMetric({ change }) };
    const page = renderHtml(aReport({ metrics }));
    expect(page).toContain('▼ −6.0 pp (−9.0 pp to −3.0 pp): real');
    expect(page).toContain('not distinguishable');
  });

  it('says so when counts do not agree', () => {
    const { reconciliation } = aReport();
    expect(renderHtml(aReport({ reconciliation: { ...reconciliation, agrees: false } }))).toContain(
      'the counts do not agree',
    );
  });

  it('names the categories without an alert, and draws the others', () => {
    const quiet = { count: 0, rate: 0, low: 0, high: 0.001 };
    const { byCategory } = aReport();
    const report = aReport({ byCategory: [...byCategory, { category: 'self_harm', alerts: quiet, actions: quiet }] });
    expect(renderHtml(report)).toContain('No alert of: self harm.');
    expect(renderHtml(report)).not.toContain('<th scope="row">self harm</th>');
    expect(renderTerminal(report)).toContain('no alert of: self harm');
  });

  it('stands for a week with nothing but turns', () => {
    const none = { notEnoughLabels: true as const, labels: 0 };
    const metrics = { accuracy: none, hallucinationRate: none, satisfaction: none };
    const report = aReport({ metrics, byCategory: [], byModel: [], timeToActionMs: { p50: null, p99: null, n: 0 } });
    expect(renderHtml(report)).not.toMatch(/NaN|undefined|Infinity/);
    expect(renderTerminal(report)).not.toMatch(/NaN|undefined|Infinity/);
  });
});

describe('the terminal', () => {
  it('shows the numbers of the page', () => {
    const text = renderTerminal(aReport());
    expect(text).toMatch(
      /Accuracy +91\.0 % +88\.0–93\.0 % +n = 400 labels +≈ −2\.0 pp \(−5\.0 pp to \+1\.0 pp\): not distinguishable/,
    );
    expect(text).toMatch(/Hallucination rate +– +not enough labels +n = 12 labels/);
    expect(text).toContain('log 4,300 = bronze 4,300 records; silver 4,000 = gold 4,000 turns');
  });

  it('lets no name move the cursor', () => {
    const tenant = 'acme\u001b[2J\u202e';
    expect(renderTerminal(aReport({ tenant }))).toContain('acme?[2J?');
  });
});

describe('numbers', () => {
  it.each([
    [0.91, 'share', '91.0 %'],
    [0.0012, 'share', '0.12 %'],
    [0, 'share', '0.0 %'],
    [4.1, 'points', '4.10'],
  ] as const)('%d as %s are written %s', (value, unit, text) => {
    expect(valueText(value, unit)).toBe(text);
  });

  it('have a sign when they are differences, and none when they are zero', () => {
    expect([0.012, -0.012, 0.0001].map((each) => differenceText(each, 'share'))).toEqual([
      '+1.2 pp',
      '−1.2 pp',
      '±0.0 pp',
    ]);
    expect(intervalText({ low: 3.98, high: 4.22 }, 'points')).toBe('3.98–4.22');
  });

  it('and names are escaped in markup, once', () => {
    expect(html`<p>${'<'}${html`<b>${'&'}</b>`}${undefined}${[1, 'a']}</p>`.text).toBe('<p>&lt;<b>&amp;</b>1a</p>');
  });
});
