// Memory of a process with threads, and whether it grows.

import v8 from 'node:v8';
import vm from 'node:vm';

/**
 * @typedef {{ heap: number, external: number }} ThreadMemory bytes after a garbage collection
 * @typedef {{ seconds: number, rss: number, heap: number, external: number }} Sample bytes; heap and external of all threads
 */

const MEBIBYTE = 2 ** 20;

v8.setFlagsFromString('--expose-gc');
const collect = vm.runInNewContext('gc');

/** @returns {ThreadMemory} */
export function measureThread() {
  collect();
  const { heapUsed, external } = process.memoryUsage();
  return { heap: heapUsed, external };
}

/**
 * @param {readonly number[]} values not empty
 */
function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? 0;
}

/**
 * What may grow from the middle third of a run to its last third, both as medians over the samples: a tenth, and so
 * many bytes that the noise of an allocator does not count.
 */
const TOLERANCE = /** @type {const} */ ({ rss: 24 * MEBIBYTE, heap: 12 * MEBIBYTE, external: 12 * MEBIBYTE });

/**
 * Each kind of memory, with a sentence if it grows; what happened in the first third, the warm-up, does not matter.
 *
 * @param {readonly Sample[]} samples
 * @returns {{ name: string, problem?: string }[]}
 */
export function growth(samples) {
  const third = Math.floor(samples.length / 3);
  const middle = samples.slice(third, 2 * third);
  const last = samples.slice(2 * third);
  const names = /** @type {const} */ (['rss', 'heap', 'external']);
  return names.map((name) => {
    const before = median(middle.map((sample) => sample[name]));
    const after = median(last.map((sample) => sample[name]));
    if (after <= before * 1.1 + TOLERANCE[name]) return { name };
    return { name, problem: `${name} grows from ${mebibytes(before)} in the middle to ${mebibytes(after)} at the end` };
  });
}

/** @param {number} bytes */
export function mebibytes(bytes) {
  return `${(bytes / MEBIBYTE).toFixed(1)} MiB`;
}
