// `npm run soak -- --seconds N`: hundreds of associations that come and go over a lossy network in memory, with an
// attacker who injects more than one datagram for each genuine one, in this thread and in two workers. Exit code 1 when
//
// - an association is lost: it ends, or its handshake does, and neither side has asked for it
// - a message that the network delivered intact is not received, or one is received twice, or one that nobody sent
// - a worker ends before its time, or anything is thrown
// - memory grows after the warm-up: soak/memory.mjs says how much that is
//
// QDTLS_SEED repeats the network's and the attacker's chances; what the clock adds is not repeated.

import { randomInt } from 'node:crypto';
import { Worker } from 'node:worker_threads';
import { bootstrap } from './bootstrap.mjs';
import { makeIdentity } from './support/credentials.mjs';
import { reportFailure, StepError } from './support/run.mjs';
import { secondsAndNames } from './support/seconds.mjs';
import { ensurePackages, testNeeds } from './support/system-packages.mjs';
import { Tally } from './support/tally.mjs';

const WORKERS = 2;
const SAMPLES = 60;
const PATIENCE_SECONDS = 120; // for the last associations to end

const tally = new Tally();

/** A load in a thread of its own. */
class Thread {
  result;
  #worker;
  /** @type {((memory: import('./soak/memory.mjs').ThreadMemory) => void)[]} */
  #asking = [];

  /** @param {{ name: string, seed: number, credentials: import('./support/credentials.mjs').Identity }} workerData */
  constructor(workerData) {
    this.#worker = new Worker(new URL('soak/worker.mjs', import.meta.url), { workerData });
    this.result = new Promise((resolve, reject) => {
      this.#worker.on('message', ({ memory, result }) => {
        if (result === undefined) this.#asking.shift()?.(memory);
        else resolve(result);
      });
      this.#worker.on('error', reject);
      this.#worker.on('exit', (code) => reject(new Error(`${workerData.name} ended with exit code ${code}`)));
    });
  }

  /** @returns {Promise<import('./soak/memory.mjs').ThreadMemory>} */
  memory() {
    return new Promise((resolve) => {
      this.#asking.push(resolve);
      this.#worker.postMessage('memory');
    });
  }

  stop() {
    this.#worker.postMessage('stop');
  }
}

async function main() {
  const { seconds } = secondsAndNames(60);
  await ensurePackages(testNeeds);
  await bootstrap();
  const seed = Number(process.env['QDTLS_SEED'] ?? randomInt(2 ** 31));
  console.log(`soak for ${seconds} s, QDTLS_SEED=${seed}`);
  const { printMemory, printResult, sampleMemory } = await import('./soak/summary.mjs');
  const { Load } = await import('./soak/load.mjs');
  const { growth } = await import('./soak/memory.mjs');

  const credentials = await makeIdentity();
  const own = new Load('main thread', seed, credentials);
  const threads = Array.from({ length: WORKERS }, (_, index) => {
    return new Thread({ name: `worker ${index + 1}`, seed: seed + 10 * (index + 1), credentials });
  });
  const all = [own.run().then(() => own.result()), ...threads.map(({ result }) => result)];
  const samples = await Promise.race([sampleMemory(threads, seconds, SAMPLES), never(Promise.all(all))]);
  own.stop();
  for (const thread of threads) thread.stop();
  const results = await Promise.race([Promise.all(all), tooLate(PATIENCE_SECONDS)]);

  results.forEach((result, index) => printResult(index === 0 ? 'main thread' : `worker ${index}`, result));
  printMemory(samples);
  for (const failure of results.flatMap(({ failures }) => failures)) console.error(failure);
  const lost = results.reduce((sum, result) => sum + result.failed, 0);
  tally.check(`${lost} failures of associations; QDTLS_SEED=${seed}`, lost === 0);
  for (const { name, problem } of growth(samples)) tally.check(problem ?? name, problem === undefined);
}

/**
 * @param {number} seconds
 * @returns {Promise<never>}
 */
function tooLate(seconds) {
  const error = new StepError(`The last associations did not end within ${seconds} s.`);
  return new Promise((_, reject) => void setTimeout(() => reject(error), seconds * 1000).unref());
}

/**
 * Rejects when the promise does, and resolves never.
 *
 * @param {Promise<unknown>} promise
 * @returns {Promise<never>}
 */
function never(promise) {
  return new Promise((_, reject) => void promise.catch(reject));
}

try {
  await main();
} catch (error) {
  reportFailure(error);
  tally.check('running to the end', false);
}
tally.finish();
process.exit();
