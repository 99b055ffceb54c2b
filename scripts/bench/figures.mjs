// Rounds, medians and spreads.

import { must } from './section.mjs';

/**
 * @typedef {{ median: number, low: number, high: number }} Figure
 * @typedef {() => number | Promise<number>} Measurement
 */

/**
 * @param {readonly number[]} values not empty
 * @returns {Figure}
 */
export function figureOf(values) {
  const figure = rangeOf(values);
  must(figure.low > 0 && Number.isFinite(figure.high), `a measurement gave ${figure.low}..${figure.high}`);
  return figure;
}

/**
 * The same of what may also be nothing, or less: how much memory grew.
 *
 * @param {readonly number[]} values not empty
 * @returns {Figure}
 */
export function rangeOf(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const [low, high] = [sorted[0] ?? NaN, sorted.at(-1) ?? NaN];
  const middle = sorted.length / 2;
  const median = ((sorted[Math.ceil(middle) - 1] ?? NaN) + (sorted[Math.floor(middle)] ?? NaN)) / 2;
  return { median, low, high };
}

/**
 * Measures two things in turns, the order changing with the round. `ratio` is ours divided by the yardstick's of the
 * same round: what disturbs the machine for longer than a round disturbs both. One round before does not count.
 *
 * @param {number} rounds
 * @param {{ yardstick: Measurement, ours: Measurement }} contestants
 */
export async function compare(rounds, { yardstick, ours }) {
  await yardstick();
  await ours();
  /** @type {[yardstick: number, ours: number][]} */
  const pairs = [];
  for (let round = 0; round < rounds; round += 1) {
    if (round % 2 === 0) pairs.push([await yardstick(), await ours()]);
    else pairs.push(/** @type {[number, number]} */ ([await ours(), await yardstick()].reverse()));
  }
  return {
    yardstick: figureOf(pairs.map(([first]) => first)),
    ours: figureOf(pairs.map(([, second]) => second)),
    ratio: figureOf(pairs.map(([first, second]) => second / first)),
    share: figureOf(pairs.map(([first, second]) => first / second)),
  };
}

/**
 * How many repetitions take about so long.
 *
 * @param {number} milliseconds
 * @param {(count: number) => unknown} work
 * @param {number} [step] the count is a multiple of it
 */
export function countFor(milliseconds, work, step = 1) {
  let count = step;
  for (;;) {
    const start = performance.now();
    work(count);
    const taken = performance.now() - start;
    if (taken > milliseconds / 4) return Math.max(1, Math.round((count * milliseconds) / taken / step)) * step;
    count *= 2;
  }
}

/**
 * @param {number} value
 * @param {number} digits
 */
export function round(value, digits) {
  return Number(value.toFixed(digits));
}

/**
 * @param {Figure} figure
 * @param {number} digits
 * @returns {readonly [low: number, high: number]}
 */
export function spreadOf({ low, high }, digits) {
  return [round(low, digits), round(high, digits)];
}
