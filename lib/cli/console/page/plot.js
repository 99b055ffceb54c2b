// A plot of up to two minutes, one point a second, in SVG.

/**
 * One line of a plot: values by second, the newest last; null where there is none.
 *
 * @typedef {{ className: string, values: readonly (number | null)[] }} Series
 */

/** A plot shows a multiple of these seconds, so that its four parts have round names; and at most two minutes. */
const SECONDS_STEP = 40;
const MOST_SECONDS = 120;
const LEFT = 40;
const RIGHT = 8;
const TOP = 8;
const BOTTOM = 20;
const TICKS = 4;

/** Steps between ticks are one of these times a power of ten. */
const ROUND_STEPS = [1, 2, 2.5, 5, 10];

/**
 * The distance of ticks so that TICKS of them reach the largest value.
 *
 * @param {number} largest
 * @param {number} smallestStep
 */
function stepFor(largest, smallestStep) {
  const exact = Math.max(largest / TICKS, smallestStep);
  const power = 10 ** Math.floor(Math.log10(exact));
  return (ROUND_STEPS.find((factor) => factor * power >= exact - power / 1e6) ?? 10) * power;
}

/**
 * @param {string} tag
 * @param {Record<string, string | number>} attributes
 * @param {string} [text]
 */
function svg(tag, attributes, text = '') {
  const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, String(value));
  if (text !== '') element.textContent = text;
  return element;
}

/**
 * @param {Series} series
 * @param {(ago: number) => number} x of a point some seconds ago
 * @param {(value: number) => number} y
 */
function drawSeries({ className, values }, x, y) {
  let path = '';
  const dots = [];
  let drawing = false;
  for (const [index, value] of values.entries()) {
    if (value === null) {
      drawing = false;
      continue;
    }
    const [left, top] = [x(values.length - 1 - index).toFixed(1), y(value).toFixed(1)];
    path += `${drawing ? 'L' : 'M'}${left} ${top}`;
    // A value between two gaps would be a line without length.
    const isAlone = !drawing && (values[index + 1] ?? null) === null;
    if (isAlone) dots.push(svg('circle', { cx: left, cy: top, r: 2 }));
    drawing = true;
  }
  return [svg('path', { class: className, d: path }), ...dots];
}

/**
 * Draws a plot in place of what is there.
 *
 * @param {SVGSVGElement} target
 * @param {readonly Series[]} series
 * @param {{ smallestStep: number, label: string, empty: string }} options `empty` is said when there are no values
 */
export function drawPlot(target, series, { smallestStep, label, empty }) {
  const { clientWidth: width, clientHeight: height } = target;
  const numbers = series.flatMap(({ values }) => values).filter((value) => value !== null);
  const step = stepFor(Math.max(0, ...numbers), smallestStep);
  const longest = Math.max(...series.map(({ values }) => values.length - 1));
  const seconds = Math.min(Math.max(Math.ceil(longest / SECONDS_STEP), 1) * SECONDS_STEP, MOST_SECONDS);
  const x = (/** @type {number} */ ago) => width - RIGHT - (ago / seconds) * (width - LEFT - RIGHT);
  const y = (/** @type {number} */ value) => height - BOTTOM - (value / (step * TICKS)) * (height - TOP - BOTTOM);
  const grid = Array.from({ length: TICKS + 1 }, (_, tick) => {
    const level = y(tick * step);
    const text = String(Number((tick * step).toPrecision(6)));
    return [
      svg('line', { class: 'grid', x1: LEFT, x2: width - RIGHT, y1: level, y2: level }),
      svg('text', { x: LEFT - 6, y: level + 4, 'text-anchor': 'end' }, text),
    ];
  }).flat();
  const times = [0, 0.25, 0.5, 0.75, 1].map((part) => {
    const anchor = part === 0 ? 'end' : part === 1 ? 'start' : 'middle';
    const text = part === 0 ? 'now' : `${Math.round(part * seconds)} s ago`;
    return svg('text', { x: x(part * seconds), y: height - 4, 'text-anchor': anchor }, text);
  });
  const nothing = numbers.length > 0 ? [] : [svg('text', { x: (LEFT + width) / 2, y: height / 2, 'text-anchor': 'middle' }, empty)];
  target.setAttribute('viewBox', `0 0 ${width} ${height}`);
  target.setAttribute('aria-label', label);
  target.replaceChildren(...grid, ...times, ...series.flatMap((one) => drawSeries(one, x, y)), ...nothing);
}
