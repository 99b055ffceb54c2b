// Builds of native/ with cmake-js, for what node-gyp does not build: sanitizers, the benchmark's addon.

import { availableParallelism } from 'node:os';
import { localNodePrefix } from './node-headers.mjs';
import { runTool } from './run.mjs';

/**
 * @param {string} folder of the build
 * @param {readonly string[]} options such as `--CDQDTLS_BENCH=ON`
 */
export function compileWithCmake(folder, options) {
  const args = ['compile', '-d', 'native', '-O', folder, ...options, '-p', String(availableParallelism())];
  const prefix = localNodePrefix();
  // cmake-js reads npm's settings from the environment, and without nodedir it downloads Node's headers.
  const env = prefix === undefined ? process.env : { ...process.env, npm_config_nodedir: prefix };
  return runTool('cmake-js/bin/cmake-js', args, { capture: true, env });
}
