// What a section of the benchmark is: rows of figures, and how to show them.

/**
 * A row of a table. A pair is the lowest and the highest of what was measured.
 *
 * @typedef {Record<string, string | number | readonly [low: number, high: number]>} Row
 *
 * What a cell shows is the row's value of that key, unless `show` makes a text of the row.
 *
 * @typedef {readonly [key: string, heading: string, show?: (row: Row) => string]} Column
 *
 * A bar for each row that has the value. Group and label name the columns that its names are made of.
 *
 * @typedef {object} Chart
 * @property {string} title
 * @property {readonly string[]} group
 * @property {readonly string[]} label
 * @property {string} value the column with the length
 * @property {string} [spread] the column with its lowest and highest
 * @property {number} [reference] where the yardstick stands
 *
 * @typedef {object} Options
 * @property {boolean} quick
 * @property {number} rounds that count
 * @property {import('./credentials.mjs').Credentials} credentials
 * @property {string} loopFolder where the addon with the C loop was built
 *
 * @typedef {object} Section
 * @property {string} name for --only and in the JSON
 * @property {string} title
 * @property {string} about what is compared with what
 * @property {readonly Column[]} columns
 * @property {readonly Chart[]} charts
 * @property {(rows: readonly Row[]) => readonly string[]} [notes] sentences for below the table
 * @property {(options: Options) => Promise<Row[]>} run a row with `failure` says why it has no figures
 */

/** A figure that is wrong because the work behind it was not done, or not as said. */
export class BenchError extends Error {
  /** @param {string} message */
  constructor(message) {
    super(message);
    this.name = 'BenchError';
  }
}

/**
 * @param {boolean} condition
 * @param {string} complaint
 */
export function must(condition, complaint) {
  if (!condition) throw new BenchError(complaint);
}
