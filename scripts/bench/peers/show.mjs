// The rows for people.

import { OURS, PURE_JAVASCRIPT } from './contenders.mjs';
import { QUANTITIES } from './rows.mjs';

/** @typedef {import('../section.mjs').Row} Row */

/**
 * The median, half the distance of the extremes as a share of it, and ours divided by theirs: `812 ±4% [1.93]`.
 *
 * @param {import('./rows.mjs').Measured} measured
 * @returns {(row: Row) => string}
 */
function showing({ key, digits }) {
  return (row) => {
    const [median, spread, ratio] = [row[key], row[`${key}Spread`], row[`${key}Ratio`]];
    if (typeof median !== 'number' || typeof spread !== 'object') return '-';
    const share = Math.round((50 * (spread[1] - spread[0])) / Math.abs(median));
    const compared = typeof ratio === 'number' ? ` [${ratio.toFixed(2)}]` : '';
    return `${median.toFixed(digits)} ±${share}%${compared}`;
  };
}

/** @type {readonly import('../section.mjs').Column[]} */
export const columns = [
  ['role', 'role'],
  ['credential', 'keys'],
  ['peer', 'peer', ({ peer, version }) => `${peer} ${version}`.trim()],
  ...QUANTITIES.map((quantity) => /** @type {const} */ ([quantity.key, quantity.heading, showing(quantity)])),
];

/** @param {Row} row */
function contestOf({ role, credential }) {
  return `${role === 'both' ? 'client and server together' : role} (${credential})`;
}

/**
 * Where a peer of JavaScript alone holds less memory for an association than we do.
 *
 * @param {readonly Row[]} rows
 */
function memoryNotes(rows) {
  return rows.flatMap((row) => {
    const ours = rows.find((other) => other['peer'] === OURS && contestOf(other) === contestOf(row));
    const [their, own] = [row['rss'], ours?.['rss']];
    if (!PURE_JAVASCRIPT.includes(String(row['peer'])) || typeof their !== 'number' || typeof own !== 'number') return [];
    if (their >= own) return [];
    const difference = `${(own - their).toFixed(1)} KiB more, or ${(own / their).toFixed(1)} times as much`;
    return [
      `As ${contestOf(row)}, ${row['peer']}, which is JavaScript alone, holds less memory: ${their.toFixed(1)} KiB for ` +
        `each association; qdtls holds ${own.toFixed(1)} KiB, ${difference}.`,
    ];
  });
}

/** @param {readonly Row[]} rows */
export function notes(rows) {
  const ciphers = new Set(rows.map(({ credential, cipher }) => `${credential}: ${cipher}`));
  const failures = rows.flatMap((row) =>
    row['failure'] === undefined ? [] : [`FAILED: ${row['peer']} as ${contestOf(row)}: ${row['failure']}`],
  );
  const repetitions = rows.flatMap((row) =>
    row['repeated'] === undefined ? [] : [`Repeated: ${row['peer']} as ${contestOf(row)}: ${row['repeated']}`],
  );
  const reading = '±: half the distance of the extremes; [ours / theirs]: the median of the ratios of each round.';
  const suites = `Cipher suites, as negotiated: ${[...ciphers].join(', ')}.`;
  return [reading, suites, ...memoryNotes(rows), ...failures, ...repetitions];
}
