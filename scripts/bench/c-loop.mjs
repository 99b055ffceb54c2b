// The addon of native/bench: OpenSSL used from C++, in this process and on the OpenSSL that the real addon uses.

import { createRequire } from 'node:module';
import { compileWithCmake } from '../support/cmake-js.mjs';
import { StepError } from '../support/run.mjs';

/**
 * Each method is explained in native/bench/c_loop.h. They throw when anything is not as it should be.
 *
 * @typedef {object} CLoop
 * @property {(size: number, count: number) => number} records nanoseconds of this thread
 * @property {(count: number) => number} handshakes nanoseconds of this thread
 * @property {(count: number, size: number, messages: number) => { fresh: number, traffic: number, trimmed: number }} memory
 *
 * @typedef {object} Settings
 * @property {string} ciphers
 * @property {string} groups
 * @property {string} serverCertificate
 * @property {string} serverKey
 * @property {string} clientCertificate
 * @property {string} clientKey
 * @property {boolean} cookies
 *
 * @typedef {object} LoopAddon
 * @property {string} opensslVersion
 * @property {new (settings: Settings) => CLoop} CLoop
 * @property {() => number} cpuNanoseconds that this process has used, all threads
 * @property {() => number} allocatedBytes that malloc has given out; 0 where it does not tell
 */

const TARGET = 'qdtls_bench';
const load = createRequire(import.meta.url);

/**
 * Builds it with cmake-js, or throws a StepError.
 *
 * @param {string} folder
 */
export async function buildLoop(folder) {
  const { status, output } = await compileWithCmake(folder, ['--CDQDTLS_BENCH=ON', '-T', TARGET]);
  if (status !== 0) throw new StepError('Building the C loop failed.', { output });
}

/**
 * @param {string} folder
 * @returns {LoopAddon}
 */
export function loadLoop(folder) {
  return load('bindings')({ bindings: TARGET, module_root: folder });
}
