// One HTML page with everything in it: no script, nothing to fetch.

import { CHART_COLOURS, chartOf, escaped } from './chart.mjs';
import { cellOf, isFigure } from './table.mjs';

/**
 * @typedef {import('./section.mjs').Row} Row
 * @typedef {import('./section.mjs').Section} Section
 * @typedef {{ node: string, openssl: string, cpu: string, date: string, quick: boolean }} Setting
 * @typedef {{ section: Section, rows: readonly Row[] }} Measured
 */

const STYLE = `${CHART_COLOURS}
body { background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; margin: 0 auto;
  max-width: 900px; padding: 2rem 1rem 4rem; }
h1 { margin: 0 0 .25rem; } h2 { margin: 3rem 0 .25rem; } h3 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
p, dl { color: var(--soft); margin: .25rem 0 1rem; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; } dt { font-weight: 600; } dd { margin: 0; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; font-size: 13px; font-variant-numeric: tabular-nums; width: 100%; }
th, td { border-bottom: 1px solid var(--line); padding: .3rem .6rem; text-align: left; white-space: nowrap; }
th { color: var(--soft); font-weight: 600; } .figure { text-align: right; }
`;

/**
 * @param {Section} section
 * @param {readonly Row[]} rows
 */
function tableOf({ columns }, rows) {
  const kindOf = (/** @type {string} */ key) => (isFigure(rows, key) ? ' class="figure"' : '');
  const headings = columns.map(([key, heading]) => `<th${kindOf(key)}>${escaped(heading)}</th>`);
  const lines = rows.map((row) => {
    const cells = columns.map((column) => `<td${kindOf(column[0])}>${escaped(cellOf(row, column))}</td>`);
    return `<tr>${cells.join('')}</tr>`;
  });
  return `<div class="wide"><table><tr>${headings.join('')}</tr>\n${lines.join('\n')}</table></div>`;
}

/** @param {Measured} measured */
function sectionOf({ section, rows }) {
  const charts = section.charts.map((chart) => `<h3>${escaped(chart.title)}</h3>\n${chartOf(chart, rows)}`);
  const heading = `<h2 id="${section.name}">${escaped(section.title)}</h2>\n<p>${escaped(section.about)}</p>`;
  const notes = (section.notes?.(rows) ?? []).map((note) => `<p>${escaped(note)}</p>`);
  return [heading, ...charts, '<h3>Figures</h3>', tableOf(section, rows), ...notes].join('\n');
}

/**
 * @param {Setting} setting
 * @param {readonly Measured[]} measured
 */
export function reportOf({ node, openssl, cpu, date, quick }, measured) {
  const facts = { Machine: cpu, Node: node, OpenSSL: openssl, Date: date, Run: quick ? 'quick' : 'full' };
  const list = Object.entries(facts).map(([name, value]) => `<dt>${name}</dt><dd>${escaped(value)}</dd>`);
  const spread = 'Bars are medians over rounds; the thin line goes from the lowest round to the highest.';
  const dashed = 'The dashed line is the yardstick, which ran in turns with qdtls within each round.';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>qdtls benchmark</title>
<style>${STYLE}</style>
</head>
<body>
<h1>qdtls benchmark</h1>
<dl>${list.join('')}</dl>
<p>${spread} ${dashed}</p>
${measured.map(sectionOf).join('\n')}
</body>
</html>
`;
}
