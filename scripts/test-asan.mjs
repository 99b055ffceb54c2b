// `npm run test:asan`: the core's own tests and the whole jest suite on builds with AddressSanitizer and
// UndefinedBehaviorSanitizer. Further arguments go to jest. Fails on any report of a sanitizer.

import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { bootstrap } from './bootstrap.mjs';
import { runJest } from './support/jest.mjs';
import { elapsed, reportFailure, root, run, StepError } from './support/run.mjs';
import { buildAddon, runtimeOf } from './support/sanitized-addon.mjs';
import { readReports } from './support/sanitizer-reports.mjs';
import { cmakeNeeds, ensurePackages, furtherTestNeeds, offerPackages, testNeeds } from './support/system-packages.mjs';
import { Tally } from './support/tally.mjs';

const SANITIZERS = 'address,undefined';
const JOBS = String(availableParallelism());
const coreBuild = path.join(root, 'build-asan', 'core');
const addonBuild = path.join(root, 'build-asan', 'addon');
const reports = path.join(root, 'build-asan', 'reports');
const tally = new Tally();

const ASAN_OPTIONS = ['abort_on_error=1', 'detect_stack_use_after_return=1'];
const UBSAN_OPTIONS = ['halt_on_error=1', 'abort_on_error=1', 'print_stacktrace=1'];

/**
 * The environment for a sanitized process.
 *
 * @param {readonly string[]} asanOptions beside those that always apply
 * @param {readonly string[]} [ubsanOptions]
 */
function sanitizerEnvironment(asanOptions, ubsanOptions = []) {
  return {
    ...process.env,
    ASAN_OPTIONS: [...ASAN_OPTIONS, ...asanOptions].join(':'),
    UBSAN_OPTIONS: [...UBSAN_OPTIONS, ...ubsanOptions].join(':'),
  };
}

/**
 * Runs a build command and throws with the end of its output when it fails.
 *
 * @param {string} name
 * @param {() => ReturnType<typeof run>} action
 */
async function build(name, action) {
  const start = performance.now();
  const { status, output } = await action();
  console.log(`${name}: ${status === 0 ? 'done' : 'failed'} (${elapsed(start)})`);
  if (status !== 0) throw new StepError(`${name} failed.`, { output });
}

async function buildCore() {
  const options = ['-DQDTLS_CORE_TESTS=ON', `-DQDTLS_SANITIZE=${SANITIZERS}`];
  const configure = ['-S', path.join(root, 'native'), '-B', coreBuild, ...options];
  await build('core: configure', () => run('cmake', configure, { capture: true }));
  await build('core: build', () => run('cmake', ['--build', coreBuild, '-j', JOBS], { capture: true }));
}

/**
 * Runs the core's executables. LeakSanitizer cannot run where tracing is forbidden; then only it is left out.
 *
 * @returns {Promise<boolean>} whether LeakSanitizer ran
 */
async function runCoreTests() {
  const ctest = (/** @type {boolean} */ leaks) =>
    run('ctest', ['--test-dir', coreBuild, '--output-on-failure'], {
      capture: true,
      env: sanitizerEnvironment([`detect_leaks=${leaks ? 1 : 0}`]),
    });
  let result = await ctest(true);
  const leaks = !result.output.includes('LeakSanitizer has encountered a fatal error');
  if (!leaks) {
    console.log('LeakSanitizer cannot run here; everything runs without it.');
    result = await ctest(false);
  }
  console.log(result.output.trimEnd());
  const outcomes = [...result.output.matchAll(/Test +#\d+: (\S+) \.+ *(\S+)/g)];
  for (const [, name = '', outcome] of outcomes) tally.check(`core: ${name}`, outcome === 'Passed');
  if (outcomes.length === 0) tally.check('core: tests were found', false);
  return leaks;
}

/**
 * Runs jest in one process on the sanitized addon.
 *
 * @param {string} addon
 * @param {boolean} leaks whether LeakSanitizer can run
 */
async function runJestSanitized(addon, leaks) {
  // To files, because a test may hide what its child processes print. handle_abort: UBSan's own text goes to
  // stderr all the same, but then it aborts, and AddressSanitizer reports where.
  // exitcode: jest's status stays that of the tests; leaks of Node's own are sorted out afterwards.
  const common = [`log_path=${path.join(reports, 'report')}`];
  const asan = [`detect_leaks=${leaks ? 1 : 0}`, 'handle_abort=1', 'exitcode=0', ...common];
  const env = {
    ...sanitizerEnvironment(asan, common),
    LD_PRELOAD: await runtimeOf('libasan.so'),
    QDTLS_NATIVE_BUILD: addon,
  };
  const start = performance.now();
  const args = ['--runInBand', '--testTimeout=60000', ...process.argv.slice(2)];
  const { status, report } = await runJest(args, path.join(addonBuild, 'jest.json'), { env });
  tally.addJest(report, status);
  console.log(`jest with sanitizers: ${status === 0 ? 'passed' : 'failed'} (${elapsed(start)})`);
}

function checkReports() {
  const found = readReports(reports);
  for (const text of found) console.error(text);
  tally.check(`sanitizer reports: ${found.length}`, found.length === 0);
}

try {
  await ensurePackages([...cmakeNeeds, ...testNeeds]);
  await offerPackages(furtherTestNeeds);
  await bootstrap();
  rmSync(reports, { recursive: true, force: true });
  mkdirSync(reports, { recursive: true });
  await buildCore();
  const leaks = await runCoreTests();
  await runJestSanitized(await buildAddon(addonBuild, SANITIZERS), leaks);
  checkReports();
} catch (error) {
  reportFailure(error);
  tally.check('preparing the sanitizer builds', false);
}
tally.finish();
