// Makes a checkout ready to run: dependencies, the native addon, the compiled TypeScript. Does only what is
// missing or out of date. Node builtins only: on a fresh clone this is the first thing that runs.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { copyPage, PAGE_EXTENSIONS } from './copy-page.mjs';
import { hashOf, listFiles, readIfPresent } from './support/files.mjs';
import { nodedirArguments } from './support/node-headers.mjs';
import { download, elapsed, isMain, reportFailure, root, run, runNpm, runTool, StepError } from './support/run.mjs';

const NATIVE_STAMP = 'build/native.stamp';
const BUILD_SCRIPTS = ['scripts/write-esm.mjs', 'scripts/copy-page.mjs'];
const TYPESCRIPT_STAMP = 'node_modules/.qdtls-typescript.stamp';

const COMPILER_ADVICE =
  'If the lines above say that a tool is missing: the addon needs a C++17 compiler, make and Python 3.\n' +
  '  Debian, Ubuntu: apt-get install g++ make python3\n' +
  '  Fedora:         dnf install gcc-c++ make python3\n' +
  '  macOS:          xcode-select --install';

/**
 * Runs one step and prints its name and time.
 *
 * @param {string} name
 * @param {() => Promise<{ status: number, output: string }>} action
 * @param {{ failure: string, advice: string }} onFailure
 */
async function step(name, action, { failure, advice }) {
  const start = performance.now();
  process.stdout.write(`${name} ... `);
  const { status, output } = await action();
  console.log(`${status === 0 ? 'done' : 'failed'} (${elapsed(start)})`);
  if (status !== 0) throw new StepError(failure, { output, advice });
}

/** Whether node_modules holds what package-lock.json asks for, by npm's own record of what it installed. */
function dependenciesAreInstalled() {
  const record = readIfPresent('node_modules/.package-lock.json');
  if (record === '') return false;
  const installed = JSON.parse(record).packages;
  const wanted = JSON.parse(readIfPresent('package-lock.json')).packages;
  return Object.keys(wanted).every(
    (name) => name === '' || wanted[name].optional === true || installed[name]?.version === wanted[name].version,
  );
}

/** Installs the locked dependencies when they are missing or differ from package-lock.json. */
export async function ensureDependencies() {
  if (dependenciesAreInstalled()) return;
  // Without scripts: the addon is built by the next step, which reports and stamps it.
  const args = ['ci', '--ignore-scripts', '--no-audit', '--no-fund'];
  await step(
    'Installing dependencies (npm ci)',
    () => download(() => runNpm(args, { capture: true })),
    {
      failure: 'npm ci failed.',
      advice: 'Check the network and the registry that npm is set to use, then run the same command again.',
    },
  );
}

/** Builds the addon against the running Node when its sources or the Node version changed. */
export async function ensureNative({ force = false } = {}) {
  const isOfAddon = (/** @type {string} */ file) => !/[\\/](tests|fuzz|bench)[\\/]/.test(file);
  const sources = listFiles('native', ['.cc', '.h', '.json', '.map']).filter(isOfAddon);
  const hash = hashOf([...sources, 'binding.gyp'], [process.version, process.platform, process.arch]);
  const present = listFiles('build/Release', ['.node']).length > 0;
  const stamp = `${process.version} ${hash}`;
  const previous = readIfPresent(NATIVE_STAMP);
  if (!force && present && previous === stamp) return;
  // make follows changed files by itself; another Node means other headers, so everything is compiled again.
  const incremental = !force && previous.startsWith(`${process.version} `);
  const commands = incremental ? ['configure', 'build'] : ['rebuild'];
  const jobs = `--jobs=${availableParallelism()}`;
  const gyp = (/** @type {string} */ command) =>
    runTool('node-gyp/bin/node-gyp.js', [command, jobs, ...nodedirArguments()], { capture: true });
  for (const command of commands) {
    await step(`Native addon (node-gyp ${command})`, () => gyp(command), {
      failure: `Building the native addon failed (node-gyp ${command}).`,
      advice: COMPILER_ADVICE,
    });
  }
  writeFileSync(path.join(root, NATIVE_STAMP), stamp);
}

/** Compiles lib/ to dist/, and puts the console's page there, when anything changed. */
export async function ensureTypeScript({ force = false } = {}) {
  const sources = listFiles('lib', ['.ts', ...PAGE_EXTENSIONS]);
  const inputs = [...sources, 'tsconfig.json', ...BUILD_SCRIPTS, 'package-lock.json'];
  const stamp = hashOf(inputs, []);
  const present = readIfPresent('dist/index.mjs') !== '';
  if (!force && present && readIfPresent(TYPESCRIPT_STAMP) === stamp) return;
  rmSync(path.join(root, 'dist'), { recursive: true, force: true });
  await step(
    'TypeScript (tsc)',
    async () => {
      const compiled = await runTool('typescript/bin/tsc', ['-p', 'tsconfig.json'], { capture: true });
      if (compiled.status !== 0) return compiled;
      copyPage();
      return run(process.execPath, [path.join(root, 'scripts', 'write-esm.mjs')], { capture: true });
    },
    { failure: 'Compiling lib/ failed.', advice: 'Correct the errors above and run the same command again.' },
  );
  mkdirSync(path.join(root, 'node_modules'), { recursive: true });
  writeFileSync(path.join(root, TYPESCRIPT_STAMP), stamp);
}

/** Everything that the other commands need. Throws a StepError when a step fails. */
export async function bootstrap() {
  await ensureDependencies();
  await ensureNative();
  await ensureTypeScript();
}

if (isMain(import.meta.url)) {
  try {
    const only = process.argv[2];
    if (only === '--native') await ensureNative({ force: true });
    else if (only === '--typescript') await ensureTypeScript({ force: true });
    else await bootstrap();
  } catch (error) {
    reportFailure(error);
    process.exitCode = 1;
  }
}
