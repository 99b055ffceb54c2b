// The command line of the scripts that run for a while: `--seconds N`, and names that narrow what is run.

import { StepError } from './run.mjs';

/**
 * Reads the arguments of this process, or throws a StepError that says what they should be.
 *
 * @param {number} usual seconds when none are said
 * @param {readonly string[]} [known] names that may be given; all of them when none is
 * @returns {{ seconds: number, names: readonly string[] }}
 */
export function secondsAndNames(usual, known = []) {
  const names = [];
  let seconds = usual;
  const args = process.argv.slice(2);
  for (let argument = args.shift(); argument !== undefined; argument = args.shift()) {
    if (argument === '--seconds') seconds = Number(args.shift());
    else if (known.includes(argument)) names.push(argument);
    else throw wrongUsage(JSON.stringify(argument), known);
  }
  if (!Number.isInteger(seconds) || seconds < 1) throw wrongUsage(`--seconds ${seconds}`, known);
  return { seconds, names: names.length === 0 ? known : names };
}

/**
 * @param {string} given
 * @param {readonly string[]} known
 */
function wrongUsage(given, known) {
  const names = known.length === 0 ? '' : `, and any of ${known.join(', ')}`;
  return new StepError(`Expected --seconds with a whole number from 1${names}, but got ${given}.`);
}
