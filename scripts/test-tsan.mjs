// `npm run test:tsan`: the tests that use worker threads, on a build of the addon with ThreadSanitizer. Further
// arguments go to jest in place of the usual test file. Fails on any race with a frame of ours.

import { mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { runJest } from './support/jest.mjs';
import { elapsed, reportFailure, root, run, StepError } from './support/run.mjs';
import { buildAddon, runtimeOf } from './support/sanitized-addon.mjs';
import { readRaces } from './support/sanitizer-reports.mjs';
import { cmakeNeeds, ensurePackages } from './support/system-packages.mjs';
import { Tally } from './support/tally.mjs';

const WORKER_TESTS = 'test/lifecycle/workers.test.ts';
const addonBuild = path.join(root, 'build-tsan', 'addon');
const reports = path.join(root, 'build-tsan', 'reports');
const tally = new Tally();

/**
 * The environment for a process with the sanitizer in it. Node is not built for it, so what Node's own threads do to
 * each other cannot be judged, and is left out.
 *
 * @param {string} addon
 */
async function environment(addon) {
  const options = [`log_path=${path.join(reports, 'report')}`, 'exitcode=0', 'ignore_noninstrumented_modules=1'];
  return {
    ...process.env,
    TSAN_OPTIONS: options.join(':'),
    LD_PRELOAD: await runtimeOf('libtsan.so'),
    QDTLS_NATIVE_BUILD: addon,
  };
}

/**
 * ThreadSanitizer cannot start where the kernel spreads memory wider than its shadow allows.
 *
 * @param {NodeJS.ProcessEnv} env
 */
async function checkThatItStarts(env) {
  const { status, output } = await run(process.execPath, ['--version'], { capture: true, env });
  if (status === 0) return;
  const advice = 'If it speaks of an unexpected memory mapping: sysctl vm.mmap_rnd_bits=28';
  throw new StepError('Node does not start with ThreadSanitizer in it.', { output, advice });
}

/** @param {NodeJS.ProcessEnv} env */
async function runTests(env) {
  const start = performance.now();
  const selected = process.argv.length > 2 ? process.argv.slice(2) : [WORKER_TESTS];
  const args = [...selected, '--runInBand', '--testTimeout=120000'];
  const { status, report } = await runJest(args, path.join(addonBuild, 'jest.json'), { env });
  tally.addJest(report, status);
  console.log(`jest with ThreadSanitizer: ${status === 0 ? 'passed' : 'failed'} (${elapsed(start)})`);
}

try {
  await ensurePackages(cmakeNeeds);
  await bootstrap();
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  const env = await environment(await buildAddon(addonBuild, 'thread'));
  await checkThatItStarts(env);
  await runTests(env);
  const races = readRaces(reports);
  for (const text of races) console.error(text);
  tally.check(`races: ${races.length}`, races.length === 0);
} catch (error) {
  reportFailure(error);
  tally.check('preparing the ThreadSanitizer build', false);
}
tally.finish();
