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

/** Turns of each side in one round: what disturbs the machine for longer than two turns disturbs both. */
export const TURNS = 10;

/**
 * The figures of rounds. `ratio` is ours divided by the yardstick's of the same round.
 *
 * @param {readonly (readonly [yardstick: number, ours: number])[]} rounds
 */
function figuresOf(rounds) {
  return {
    yardstick: figureOf(rounds.map(([first]) => first)),
    ours: figureOf(rounds.map(([, second]) => second)),
    ratio: figureOf(rounds.map(([first, second]) => second / first)),
    share: figureOf(rounds.map(([first, second]) => first / second)),
  };
}

/**
 * Measures two things in turns, the order changing with each. One round before does not count.
 *
 * @param {number} rounds
 * @param {{ yardstick: Measurement, ours: Measurement }} contestants
 */
export async function compare(rounds, { yardstick, ours }) {
  /** @type {[yardstick: number, ours: number][]} */
  const sums = [];
  for (let round = 0; round <= rounds; round += 1) {
    /** @type {[yardstick: number, ours: number]} */
    const sum = [0, 0];
    for (let turn = 0; turn < TURNS; turn += 1) {
      if (turn % 2 === 0) sum[0] += await yardstick();
      sum[1] += await ours();
      if (turn % 2 === 1) sum[0] += await yardstick();
    }
    if (round > 0) sums.push([sum[0] / TURNS, sum[1] / TURNS]);
  }
  return figuresOf(sums);
}

/**
 * The same where the yardstick tells what its own thread needed: all else that the process needed in the round is ours, with
 * what the threads of the garbage collector did while the yardstick had its turn. `verify` is not counted.
 *
 * @param {number} rounds
 * @param {{ yardstick: () => number, work: () => unknown, clock: () => number, verify: () => void }} contestants
 */
export async function compareAll(rounds, { yardstick, work, clock, verify }) {
  /** @type {[yardstick: number, ours: number][]} */
  const sums = [];
  for (let round = 0; round <= rounds; round += 1) {
    const start = clock();
    let theirs = 0;
    for (let turn = 0; turn < TURNS; turn += 1) {
      if (turn % 2 === 0) theirs += yardstick();
      work();
      if (turn % 2 === 1) theirs += yardstick();
      // What waits for the end of a turn of the loop shall not pile up.
      await new Promise((resolve) => setImmediate(resolve));
    }
    const all = clock() - start;
    verify();
    if (round > 0) sums.push([theirs / TURNS, (all - theirs) / TURNS]);
  }
  return figuresOf(sums);
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
