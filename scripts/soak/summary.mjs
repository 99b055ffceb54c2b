// What a soak prints.

import { setTimeout as pause } from 'node:timers/promises';
import { measureThread, mebibytes } from './memory.mjs';

/** @typedef {import('./memory.mjs').Sample} Sample */

/**
 * Measures the memory of all threads at equal distances of time.
 *
 * @param {readonly { memory(): Promise<import('./memory.mjs').ThreadMemory> }[]} threads beside this one
 * @param {number} seconds
 * @param {number} count
 * @returns {Promise<Sample[]>}
 */
export async function sampleMemory(threads, seconds, count) {
  const start = performance.now();
  /** @type {Sample[]} */
  const samples = [];
  while (samples.length < count) {
    const due = (seconds * 1000 * (samples.length + 1)) / count;
    await pause(Math.max(0, due - (performance.now() - start)));
    const memory = [measureThread(), ...(await Promise.all(threads.map((thread) => thread.memory())))];
    samples.push({
      seconds: (performance.now() - start) / 1000,
      rss: process.memoryUsage.rss(),
      heap: memory.reduce((sum, { heap }) => sum + heap, 0),
      external: memory.reduce((sum, { external }) => sum + external, 0),
    });
  }
  return samples;
}

/**
 * Memory at the start, in the middle and at the end.
 *
 * @param {readonly Sample[]} samples
 */
export function printMemory(samples) {
  const moments = { start: samples[0], middle: samples[Math.floor(samples.length / 2)], end: samples.at(-1) };
  console.log('\nmemory');
  for (const [moment, sample] of Object.entries(moments)) {
    if (sample === undefined) continue;
    const { seconds, rss, heap, external } = sample;
    const sizes = `RSS ${mebibytes(rss)}, heaps ${mebibytes(heap)}, external ${mebibytes(external)}`;
    console.log(`  ${moment.padEnd(6)} (${seconds.toFixed(0)} s): ${sizes}`);
  }
}

/** @param {Readonly<Record<string, number>>} counters */
function list(counters) {
  const counted = Object.entries(counters).filter(([, count]) => count > 0);
  return counted.map(([name, count]) => `${name} ${count}`).join(', ');
}

/**
 * @param {string} name
 * @param {import('./load.mjs').Result} result
 */
export function printResult(name, { counts, dropped, alertsReceived, strangers, network }) {
  console.log(`\n${name}`);
  console.log(`  associations: ${list({ ...counts })}`);
  console.log(`  network:      ${list(network)}`);
  console.log(`  verifiers:    ${list(strangers)}`);
  console.log(`  dropped:      ${list(dropped)}`);
  console.log(`  alerts:       ${list(alertsReceived)}`);
}
