// Tables for people.

/**
 * @typedef {import('./section.mjs').Row} Row
 * @typedef {import('./section.mjs').Column} Column
 */

/**
 * A value as it is shown: a pair as lowest..highest.
 *
 * @param {Row[string] | undefined} value
 */
export function shown(value) {
  if (value === undefined) return '';
  if (typeof value === 'string') return value;
  return typeof value === 'number' ? grouped(value) : `${grouped(value[0])}..${grouped(value[1])}`;
}

/**
 * @param {Row} row
 * @param {Column} column
 */
export function cellOf(row, [key, , show]) {
  return show === undefined ? shown(row[key]) : show(row);
}

/** @param {number} value */
function grouped(value) {
  return value.toLocaleString('en-US', { maximumFractionDigits: 3 });
}

/**
 * Columns of figures stand at the right.
 *
 * @param {readonly Row[]} rows
 * @param {string} key
 */
export function isFigure(rows, key) {
  return typeof rows[0]?.[key] === 'number';
}

/**
 * @param {Pick<import('./section.mjs').Section, 'columns'>} section
 * @param {readonly Row[]} rows
 */
export function tableOf({ columns }, rows) {
  const cells = [columns.map(([, heading]) => heading), ...rows.map((row) => columns.map((column) => cellOf(row, column)))];
  const widths = columns.map((_, column) => Math.max(...cells.map((line) => line[column]?.length ?? 0)));
  const lines = cells.map((line) =>
    line
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return isFigure(rows, columns[column]?.[0] ?? '') ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
  lines.splice(1, 0, widths.map((width) => '-'.repeat(width)).join('  '));
  return lines.join('\n');
}
