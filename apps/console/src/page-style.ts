/** The page's one style sheet: light and dark, from 360 px on. Nothing is loaded from anywhere. */
export const PAGE_STYLE = `
:root { color-scheme: light dark; --page: #f6f7f9; --card: #ffffff; --ink: #1b2430; --soft: #566273; --line: #dde2e9;
  --accent: #0b62b0; --ribbon: #0b62b033; --good: #17663a; --bad: #a3261b; --badge: #e8eef6; }
@media (prefers-color-scheme: dark) {
  :root { --page: #10151c; --card: #18202a; --ink: #e7ecf2; --soft: #a2afbf; --line: #2c3846;
    --accent: #6cb2ff; --ribbon: #6cb2ff33; --good: #6fd49a; --bad: #ff9d92; --badge: #223044; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
main { max-width: 1180px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: clamp(1.3rem, 5vw, 1.6rem); line-height: 1.2; margin: 0; }
h2 { font-size: 1.15rem; margin: 36px 0 10px; }
h3 { font-size: 1rem; margin: 0 0 8px; }
p { margin: 0 0 8px; }
.soft, caption { color: var(--soft); }
.badges { display: flex; flex-wrap: wrap; gap: 8px; margin: 12px 0 0; padding: 0; list-style: none; }
.badges li { background: var(--badge); border-radius: 999px; padding: 2px 12px; font-size: .9rem; }
.after { margin: 10px 0 0; }
.good { color: var(--good); } .bad { color: var(--bad); }
.tiles { display: grid; gap: 16px; grid-template-columns: repeat(auto-fit, minmax(270px, 1fr)); margin-top: 24px; }
.small { grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); margin-top: 16px; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 16px; min-width: 0; }
.tile .value { font-size: 2.1rem; font-weight: 650; line-height: 1.15; margin: 0; }
.small .value { font-size: 1.35rem; }
.tile p { margin: 2px 0 0; }
.tile .missing { font-size: 1.25rem; line-height: 1.6; }
.change { font-weight: 600; }
svg { display: block; width: 100%; max-width: 460px; height: auto; overflow: visible; font: 12px system-ui, -apple-system, "Segoe UI", Roboto, "Liberation Sans", sans-serif; }
svg text { fill: var(--ink); } svg .tick, svg .quiet { fill: var(--soft); } svg .tick { font-size: 11px; }
svg .figure { font-weight: 650; }
svg .grid { stroke: var(--line); } svg .interval { stroke: var(--accent); stroke-width: 3; stroke-linecap: round; opacity: .75; }
svg .dot { fill: var(--accent); stroke: var(--card); stroke-width: 1.5; } svg .ribbon { fill: var(--ribbon); }
svg .trend { fill: none; stroke: var(--accent); stroke-width: 2; } svg .bar { fill: var(--accent); } svg .track { fill: var(--line); }
.scroll { overflow-x: auto; margin-top: 16px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .92rem; }
caption { text-align: left; padding: 10px 14px 4px; font-size: .88rem; }
th, td { text-align: left; padding: 7px 14px; border-top: 1px solid var(--line); vertical-align: top; white-space: nowrap; }
thead th { border-top: 0; color: var(--soft); font-weight: 600; }
td.number, th.number { text-align: right; }
td.long, th.long { white-space: normal; min-width: 180px; overflow-wrap: anywhere; }
td.metric { white-space: normal; min-width: 165px; }
.pair { display: grid; gap: 16px; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); align-items: start; }
.pair .scroll { margin-top: 0; }
@media (max-width: 860px) { .pair { grid-template-columns: minmax(0, 1fr); } }
tbody th { font-weight: 500; }
caption span { position: sticky; left: 14px; display: inline-block; max-width: calc(100vw - 70px); }
tr > :first-child { position: sticky; left: 0; background: var(--card); }
.keep { white-space: nowrap; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; margin: 0; font-size: .92rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
code { font: .88em ui-monospace, SFMono-Regular, Menlo, "Liberation Mono", monospace; }
footer { margin-top: 32px; font-size: .88rem; color: var(--soft); }
@media (max-width: 520px) { th, td { padding: 7px 10px; } td.long, th.long { min-width: 130px; } dl { grid-template-columns: 1fr; } dd { margin-bottom: 6px; } }
@media print { body { background: none; } .card, .scroll { break-inside: avoid; } .scroll { overflow: visible; } }
`;
