// The conformance cases: tests in test/parity whose names begin with the number of a case.

import { testsOf } from './tally.mjs';

/** How many cases the specification has. */
export const CASES = 116;

/**
 * The worst status per case number. One case may have several tests; it counts as passed when all of them did.
 *
 * @param {import('./tally.mjs').JestReport} report
 * @returns {Map<number, string>}
 */
function statusByCase(report) {
  /** @type {Map<number, string>} */
  const found = new Map();
  for (const { file, test } of testsOf(report)) {
    const number = /^(\d{1,3})\b/.exec(test.title)?.[1];
    if (number === undefined || !/[\\/]test[\\/]parity[\\/]/.test(file)) continue;
    const before = found.get(Number(number));
    if (before === undefined || before === 'passed') found.set(Number(number), test.status);
  }
  return found;
}

/**
 * Prints one line per block of ten cases and names each case that did not pass.
 *
 * @param {import('./tally.mjs').JestReport} report
 * @returns {boolean} whether every case is there and passed
 */
export function printConformance(report) {
  const found = statusByCase(report);
  const numbers = Array.from({ length: CASES }, (_, index) => index + 1);
  const passed = numbers.filter((number) => found.get(number) === 'passed');
  console.log(`\nConformance cases: ${passed.length} of ${CASES} passed`);
  for (let first = 0; first < CASES; first += 20) {
    const row = numbers.slice(first, first + 20).map((number) => {
      const mark = found.get(number) === 'passed' ? '' : '!';
      return `${mark}${number}`.padStart(4);
    });
    console.log(row.join(' '));
  }
  for (const number of numbers) {
    const status = found.get(number) ?? 'missing';
    if (status !== 'passed') console.log(`  case ${number}: ${status}`);
  }
  return passed.length === CASES;
}
