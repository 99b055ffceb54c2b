// `npm run fuzz -- --seconds N`: builds native/fuzz with libFuzzer, AddressSanitizer and UndefinedBehaviorSanitizer and
// runs every target for N seconds (60 when not said), as many at a time as there are processors. Names of targets
// narrow it: `npm run fuzz -- --seconds 10 client server`. Exit code 1 on any finding. Node builtins only.
//
// Seeds come from our own handshakes and are made anew for each run; what the fuzzer adds stays in build-fuzz/corpus.

import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { ensureClang } from './support/clang.mjs';
import { listFiles } from './support/files.mjs';
import { elapsed, reportFailure, root, run, StepError, tail } from './support/run.mjs';
import { cmakeNeeds, ensurePackages } from './support/system-packages.mjs';
import { secondsAndNames } from './support/seconds.mjs';

const JOBS = availableParallelism();
const build = path.join(root, 'build-fuzz');
const findings = path.join(build, 'findings');
const targets = listFiles('native/fuzz', ['_fuzz.cc']).map((file) => path.basename(file, '_fuzz.cc'));

// The longest input, in bytes; seconds for one; megabytes for one allocation and for all.
const LIMITS = ['-max_len=4096', '-timeout=25', '-malloc_limit_mb=16', '-rss_limit_mb=1500'];

async function buildTargets() {
  const clang = await ensureClang();
  const start = performance.now();
  const configure = ['-S', path.join(root, 'native'), '-B', build, '-DQDTLS_FUZZ=ON', `-DCMAKE_CXX_COMPILER=${clang}`];
  for (const args of [configure, ['--build', build, '-j', String(JOBS)]]) {
    const { status, output } = await run('cmake', args, { capture: true });
    if (status !== 0) throw new StepError('Building the fuzz targets failed.', { output });
  }
  rmSync(path.join(build, 'seeds'), { recursive: true, force: true });
  const { status, output } = await run(path.join(build, 'make_seeds'), [path.join(build, 'seeds')], { capture: true });
  if (status !== 0) throw new StepError('Making the seeds failed.', { output });
  console.log(`fuzz targets and seeds: done (${elapsed(start)})`);
}

/** @param {boolean} leaks whether LeakSanitizer can run */
function environment(leaks) {
  return {
    ...process.env,
    // A small quarantine: each input is short, and a large one costs more than it finds.
    ASAN_OPTIONS: `detect_leaks=${leaks ? 1 : 0}:quarantine_size_mb=16`,
    UBSAN_OPTIONS: 'print_stacktrace=1:halt_on_error=1',
  };
}

/** Whether LeakSanitizer can run: not where tracing is forbidden. */
async function canFindLeaks() {
  const { output } = await run(program(targets[0] ?? ''), ['-runs=1'], { capture: true, env: environment(true) });
  if (!output.includes('LeakSanitizer has encountered a fatal error')) return true;
  console.log('LeakSanitizer cannot run here; everything runs without it.');
  return false;
}

/** @param {string} target */
function program(target) {
  return path.join(build, `${target}_fuzz`);
}

/**
 * What libFuzzer said at the end: `#9623 DONE cov: 1353 ft: 6582 corp: 544/176Kb ... exec/s: 458 ...`.
 *
 * @param {string} target
 * @param {string} output
 */
function coverageLine(target, output) {
  const [, runs, cov, ft, corpus, rate] =
    /#(\d+)\s+DONE\s+cov: (\d+) ft: (\d+) corp: (\d+)\/.*exec\/s: (\d+)/.exec(output) ?? [];
  const executions = Number(runs ?? 0).toLocaleString('en').padStart(11);
  return `${target.padEnd(16)} ${executions} executions (${rate} per second)  cov ${cov}  ft ${ft}  corpus ${corpus}`;
}

/**
 * Prints a finding: what libFuzzer and the sanitizers said, where the input is, and how to run it again.
 *
 * @param {string} target
 * @param {string} output
 */
function reportFinding(target, output) {
  const input = /Test unit written to (\S+)/.exec(output)?.[1];
  const from = output.search(/This does not hold|runtime error|ERROR: /);
  console.error(`\n${target}: a finding`);
  console.error(from < 0 ? tail(output) : output.slice(from).split('\n').slice(0, 60).join('\n'));
  if (input === undefined) return;
  console.error(`\nThe input: ${input}`);
  console.error(`Run it again: ${path.relative(process.cwd(), program(target))} ${path.relative(process.cwd(), input)}`);
}

/**
 * @param {string} target
 * @param {number} seconds
 * @param {boolean} leaks
 * @returns {Promise<boolean>} whether nothing was found
 */
async function fuzz(target, seconds, leaks) {
  const corpus = path.join(build, 'corpus', target);
  mkdirSync(corpus, { recursive: true });
  const folders = [corpus, path.join(build, 'seeds', target)];
  const artifacts = `-artifact_prefix=${path.join(findings, target)}-`;
  const args = [`-max_total_time=${seconds}`, artifacts, ...LIMITS, ...folders];
  const { status, output } = await run(program(target), args, { capture: true, env: environment(leaks) });
  if (status === 0 && output.includes('DONE')) {
    console.log(coverageLine(target, output));
    return true;
  }
  reportFinding(target, output);
  return false;
}

/**
 * Runs the selected targets, as many at a time as there are processors.
 *
 * @param {number} seconds
 * @param {readonly string[]} selected
 * @returns {Promise<string[]>} the targets with a finding
 */
async function fuzzAll(seconds, selected) {
  const leaks = await canFindLeaks();
  const waiting = [...selected];
  /** @type {string[]} */
  const found = [];
  const work = async () => {
    for (let target = waiting.shift(); target !== undefined; target = waiting.shift()) {
      if (!(await fuzz(target, seconds, leaks))) found.push(target);
    }
  };
  await Promise.all(Array.from({ length: JOBS }, work));
  return found;
}

try {
  const { seconds, names } = secondsAndNames(60, targets);
  await ensurePackages(cmakeNeeds);
  await buildTargets();
  mkdirSync(findings, { recursive: true });
  console.log(`${names.length} targets, ${seconds} s each`);
  const found = await fuzzAll(seconds, names);
  const passed = names.length - found.length;
  console.log(`\n${passed} passed, ${found.length} failed`);
  process.exitCode = found.length === 0 ? 0 : 1;
} catch (error) {
  reportFailure(error);
  process.exitCode = 1;
}
