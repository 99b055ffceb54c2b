// Builds of the addon with a sanitizer, which Node loads when the sanitizer's runtime was put into the process first.

import { realpathSync } from 'node:fs';
import { createRequire } from 'node:module';
import { compileWithCmake } from './cmake-js.mjs';
import { elapsed, run, StepError } from './run.mjs';

/**
 * Builds the addon with cmake-js and returns the path of the file, for QDTLS_NATIVE_BUILD. Throws a StepError when
 * that fails.
 *
 * @param {string} folder of the build
 * @param {string} sanitizers as the compiler takes them: `address,undefined`
 */
export async function buildAddon(folder, sanitizers) {
  const start = performance.now();
  const { status, output } = await compileWithCmake(folder, [`--CDQDTLS_SANITIZE=${sanitizers}`]);
  console.log(`addon: build: ${status === 0 ? 'done' : 'failed'} (${elapsed(start)})`);
  if (status !== 0) throw new StepError('addon: build failed.', { output });
  const locate = createRequire(import.meta.url)('bindings');
  return String(locate({ bindings: 'qdtls', module_root: folder, path: true }));
}

/**
 * The file of a sanitizer's runtime, for LD_PRELOAD.
 *
 * @param {string} library such as `libtsan.so`
 */
export async function runtimeOf(library) {
  const { output } = await run('g++', [`-print-file-name=${library}`], { capture: true });
  return realpathSync(output.trim());
}
