// Horizontal bars as inline SVG. Colours come from the page's style, which knows light and dark.

import { shown } from './table.mjs';

/**
 * @typedef {import('./section.mjs').Row} Row
 * @typedef {import('./section.mjs').Chart} Chart
 * @typedef {{ group: string, label: string, value: number, low: number, high: number }} Bar
 */

const WIDTH = 860;
const LABELS = 310; // room at the left
const VALUES = 110; // and at the right, for the figure
const BAR = 15;
const LINE = 22;
const GROUP_GAP = 26;
const TOP = 6;
const AXIS = 24;

/** Of a page or a picture that has charts in it; `svg` selects them. */
export const CHART_COLOURS = `
:root { color-scheme: light dark; --page: #fff; --text: #1c2024; --soft: #60686f; --line: #e2e5e8; --bar: #3b78b8;
  --spread: #14304d; --mark: #c4483a; }
@media (prefers-color-scheme: dark) { :root { --page: #15181b; --text: #e6e8ea; --soft: #9aa3ab; --line: #30363c;
  --bar: #5b9bd9; --spread: #dbe9f7; --mark: #ff8a7a; } }
svg { background: var(--page); display: block; height: auto; width: 100%; }
svg text { fill: var(--text); font: 12px system-ui, sans-serif; }
svg .label { text-anchor: end; } svg .group { font-weight: 600; font-size: 13px; }
svg .tick { fill: var(--soft); text-anchor: middle; } svg .value { font-variant-numeric: tabular-nums; }
svg .bar { fill: var(--bar); } svg .grid { fill: none; stroke: var(--line); }
svg .spread { fill: none; stroke: var(--spread); stroke-width: 1.25; }
svg .reference { fill: none; stroke: var(--mark); stroke-dasharray: 4 3; stroke-width: 1.5; }
`;

/** @param {string} text */
export function escaped(text) {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/**
 * @param {Row} row
 * @param {readonly string[]} keys
 */
function nameOf(row, keys) {
  return keys.map((key) => (key === 'size' ? `${shown(row[key])} bytes` : shown(row[key]))).join(', ');
}

/**
 * @param {Chart} chart
 * @param {readonly Row[]} rows
 * @returns {Bar[]}
 */
function barsOf(chart, rows) {
  const measured = rows.filter((row) => row[chart.value] !== undefined);
  return measured.map((row) => {
    const value = Number(row[chart.value]);
    const spread = chart.spread === undefined ? undefined : row[chart.spread];
    const [low, high] = typeof spread === 'object' ? spread : [value, value];
    return { group: nameOf(row, chart.group), label: nameOf(row, chart.label), value, low, high };
  });
}

/**
 * A round step that divides the axis into about five.
 *
 * @param {number} largest
 */
function stepOf(largest) {
  const power = 10 ** Math.floor(Math.log10(largest / 5));
  const factor = [1, 2, 5, 10].find((candidate) => (candidate * power * 5) / largest >= 0.99) ?? 10;
  return factor * power;
}

/**
 * @param {number} x
 * @param {number} y
 * @param {string} kind class, and where the text is anchored
 * @param {string} text
 */
function textAt(x, y, kind, text) {
  return `<text x="${x.toFixed(1)}" y="${y.toFixed(1)}" class="${kind}">${escaped(text)}</text>`;
}

/**
 * @param {Bar} bar
 * @param {number} y
 * @param {(value: number) => number} place
 */
function drawBar(bar, y, place) {
  const middle = y + BAR / 2;
  const length = Math.max(1, place(bar.value) - LABELS).toFixed(1);
  const parts = [
    textAt(LABELS - 8, middle + 4, 'label', bar.label),
    `<rect x="${LABELS}" y="${y}" width="${length}" height="${BAR}" rx="2" class="bar"/>`,
    textAt(place(Math.max(bar.value, bar.high)) + 6, middle + 4, 'value', shown(bar.value)),
  ];
  if (bar.high > bar.low) {
    const [from, to] = [place(bar.low).toFixed(1), place(bar.high).toFixed(1)];
    const [upper, lower] = [middle - 4, middle + 4];
    parts.push(`<path d="M${from} ${middle}H${to}M${from} ${upper}V${lower}M${to} ${upper}V${lower}" class="spread"/>`);
  }
  return parts.join('');
}

/**
 * @param {number} largest
 * @param {number} height of the bars
 * @param {(value: number) => number} place
 */
function drawAxis(largest, height, place) {
  const step = stepOf(largest);
  const parts = [];
  for (let count = 0; count * step <= largest * 1.0001; count += 1) {
    const x = place(count * step);
    parts.push(`<path d="M${x.toFixed(1)} ${TOP}V${height}" class="grid"/>`);
    parts.push(textAt(x, height + 16, 'tick', shown(Number((count * step).toPrecision(6)))));
  }
  return parts.join('');
}

/**
 * @param {Chart} chart
 * @param {readonly Row[]} rows
 */
export function chartOf(chart, rows) {
  const bars = barsOf(chart, rows);
  const largest = Math.max(chart.reference ?? 0, ...bars.map(({ value, high }) => Math.max(value, high)));
  const place = (/** @type {number} */ value) => LABELS + (value / largest) * (WIDTH - LABELS - VALUES);
  let y = TOP;
  let group = '';
  const drawn = bars.map((bar) => {
    const heading = bar.group === group ? '' : textAt(0, y + GROUP_GAP - 9, 'group', bar.group);
    if (heading !== '') y += GROUP_GAP;
    group = bar.group;
    y += LINE;
    return heading + drawBar(bar, y - LINE, place);
  });
  const axis = drawAxis(largest, y, place);
  const at = place(chart.reference ?? 0).toFixed(1);
  const reference = chart.reference === undefined ? '' : `<path d="M${at} ${TOP}V${y}" class="reference"/>`;
  const box = `xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y + AXIS}" role="img" aria-label="${escaped(chart.title)}"`;
  return `<svg ${box}>${axis}${drawn.join('')}${reference}</svg>`;
}

/**
 * A chart as a file of its own.
 *
 * @param {Chart} chart
 * @param {readonly Row[]} rows
 */
export function pictureOf(chart, rows) {
  return `${chartOf(chart, rows).replace('>', `><style>${CHART_COLOURS}</style>`)}\n`;
}
