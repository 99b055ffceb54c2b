/** The longest delay that Node's timers keep: above it, setTimeout fires at once. */
export const LONGEST_DURATION = 2 ** 31 - 1;

const MILLISECONDS_PER_UNIT = new Map([
  ['ms', 1],
  ['s', 1000],
  ['m', 60_000],
  ['h', 3_600_000],
]);

/**
 * Reads a duration such as `500ms`, `5s`, `1.5m` or `2h`.
 *
 * @returns whole milliseconds from 1 to {@link LONGEST_DURATION}, or undefined for anything else; a number
 * without a unit is refused, because people disagree on what it would mean.
 */
export function parseDuration(text: string): number | undefined {
  const match = /^(\d{1,10}(?:\.\d{1,3})?)(ms|s|m|h)$/.exec(text);
  const factor = MILLISECONDS_PER_UNIT.get(match?.[2] ?? '');
  if (factor === undefined) return undefined;
  const milliseconds = Math.round(Number(match?.[1]) * factor);
  return milliseconds >= 1 && milliseconds <= LONGEST_DURATION ? milliseconds : undefined;
}

/**
 * Writes milliseconds in the largest unit that needs no fraction: `1500` becomes `1500ms`, `60000` becomes
 * `1m`.
 */
export function formatDuration(milliseconds: number): string {
  let best = `${milliseconds}ms`;
  for (const [unit, factor] of MILLISECONDS_PER_UNIT) {
    if (milliseconds % factor === 0 && milliseconds >= factor) best = `${milliseconds / factor}${unit}`;
  }
  return best;
}
