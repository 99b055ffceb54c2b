// From the samples of all pairs to the rows of the table.

import { rangeOf, round, spreadOf } from '../figures.mjs';
import { nameOf, OURS, pairOf } from './contenders.mjs';

/**
 * @typedef {import('../section.mjs').Row} Row
 * @typedef {import('./contenders.mjs').Contest} Contest
 * @typedef {import('./measure.mjs').Quantity} Quantity
 * @typedef {import('./measure.mjs').Sample} Sample
 *
 * What was found about a pair, or why it was not.
 * @typedef {{ samples: Sample[], repeated: string[], failure: string }} Found failure: '' for none
 *
 * @typedef {object} Measured
 * @property {Quantity} key of a row; with `Spread` its lowest and highest, with `Ratio` ours divided by theirs
 * @property {string} heading
 * @property {number} scale
 * @property {number} digits
 */

/** @type {readonly Measured[]} */
export const QUANTITIES = [
  { key: 'handshakesPerSecond', heading: 'handshakes/s', scale: 1, digits: 0 },
  { key: 'cpuPerHandshake', heading: 'us CPU/handshake', scale: 1, digits: 0 },
  { key: 'cpuPerEcho64', heading: 'us CPU/echo 64 B', scale: 1, digits: 1 },
  { key: 'cpuPerEcho1200', heading: 'us CPU/echo 1200 B', scale: 1, digits: 1 },
  { key: 'rss', heading: 'KiB/association', scale: 1024, digits: 1 },
  { key: 'heap', heading: 'of it heap', scale: 1024, digits: 1 },
];

/**
 * One quantity of a sample, as a role sees it.
 *
 * @param {Sample} sample
 * @param {Quantity} quantity
 * @param {import('./contenders.mjs').Role} role
 */
function read(sample, quantity, role) {
  if (quantity === 'handshakesPerSecond') return sample.handshakesPerSecond;
  const { client, server } = sample[quantity];
  return role === 'both' ? client + server : sample[quantity][role];
}

/**
 * @param {Measured} measured
 * @param {readonly number[]} theirs by round
 * @param {readonly number[]} ours of the same rounds; none when they are ours
 * @returns {Row}
 */
function cellsOf({ key, scale, digits }, theirs, ours) {
  const figure = rangeOf(theirs.map((value) => value / scale));
  /** @type {Row} */
  const cells = { [key]: round(figure.median, digits), [`${key}Spread`]: spreadOf(figure, digits) };
  if (ours.length === 0) return cells;
  const ratio = rangeOf(theirs.map((value, index) => (ours[index] ?? NaN) / value));
  return { ...cells, [`${key}Ratio`]: round(ratio.median, 3) };
}

/**
 * @param {Contest} contest
 * @param {{ found: Map<string, Found>, version: string, cipher: string }} known found: by name of the pair
 * @returns {Row} with `failure` instead of figures, or with `repeated` when rounds had to be repeated
 */
export function makeRow(contest, { found, version, cipher }) {
  const { library, role, credential } = contest;
  /** @type {Row} */
  const row = { role, credential, peer: library, version, cipher };
  const of = (/** @type {string} */ name) => found.get(nameOf(pairOf({ ...contest, library: name })));
  const [theirs, ours] = [of(library), of(OURS)];
  const failure = theirs?.failure ?? 'not measured';
  if (theirs === undefined || failure !== '') return { ...row, failure };
  const samples = library === OURS ? [] : (ours?.samples ?? []);
  const cells = QUANTITIES.map((quantity) => {
    const values = (/** @type {Sample[]} */ list) => list.map((sample) => read(sample, quantity.key, role));
    return cellsOf(quantity, values(theirs.samples), values(samples));
  });
  const repeated = theirs.repeated.length > 0 ? { repeated: theirs.repeated.join('; ') } : {};
  return Object.assign(row, ...cells, repeated);
}
