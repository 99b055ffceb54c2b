// `npm run try:package`: installs what npm packs into an empty folder, without running scripts and without a compiler in
// sight, and uses it there in every runtime: handshake, data and close, by certificate and by key, facade and endpoint.

import { copyFileSync, existsSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { targetFor } from './prebuild/target.mjs';
import { makeIdentity } from './support/credentials.mjs';
import { reportFailure, root, run, runNpm, StepError, tail } from './support/run.mjs';
import { bunOf, denoOf, nodeOf } from './support/runtimes.mjs';
import { ensurePackages, testNeeds } from './support/system-packages.mjs';
import { packTarball } from './support/tarball.mjs';
import { Tally } from './support/tally.mjs';

const NODES = ['20.20.2', '22.23.3', '24.21.0', '26.10.0'];
const BUN = '1.4.5';
const DENO = '2.9.6';
/** How careful people install. */
const INSTALLS = ['--ignore-scripts', '--strict-allow-scripts'];
const COMPILERS = ['g++', 'gcc', 'cc', 'c++', 'clang', 'make', 'python3'];
const tally = new Tally();

/**
 * The value of PATH for a machine that has nothing but Node and a shell.
 *
 * @param {string} folder
 */
function barePath(folder) {
  if (process.platform === 'win32') return path.dirname(process.execPath);
  const bin = path.join(folder, 'bin');
  mkdirSync(bin);
  symlinkSync(process.execPath, path.join(bin, 'node'));
  symlinkSync(realpathSync('/bin/sh'), path.join(bin, 'sh'));
  const found = COMPILERS.filter((name) => existsSync(path.join(bin, name)));
  if (found.length > 0) throw new StepError(`This is no bare PATH: it has ${found.join(', ')}.`);
  return bin;
}

/** npm's own script: its command would look for a shell's tools. */
async function npmScript() {
  const fromEnvironment = process.env['npm_execpath'];
  if (fromEnvironment?.endsWith('.js') === true) return fromEnvironment;
  const { output } = await runNpm(['root', '-g'], { capture: true });
  return path.join(output.trim().split('\n').at(-1) ?? '', 'npm', 'bin', 'npm-cli.js');
}

/**
 * @param {string} folder that becomes a project
 * @param {string} tarball
 * @param {{ flag: string, env: NodeJS.ProcessEnv }} how
 */
async function install(folder, tarball, { flag, env }) {
  mkdirSync(folder);
  writeFileSync(path.join(folder, 'package.json'), JSON.stringify({ name: 'trial', private: true }));
  copyFileSync(path.join(root, 'scripts', 'prebuild', 'trial.cjs'), path.join(folder, 'trial.cjs'));
  const args = [await npmScript(), 'install', flag, '--no-audit', '--no-fund', tarball];
  const { status, output } = await run(process.execPath, args, { capture: true, cwd: folder, env });
  const isWarned = /allow-?scripts|install script/i.test(output);
  tally.check(`npm install ${flag}`, status === 0 && !isWarned);
  console.log(`${status === 0 && !isWarned ? 'ok' : 'FAILED'}  npm install ${flag}`);
  if (status !== 0 || isWarned) console.log(tail(output));
}

/**
 * @param {import('./support/runtimes.mjs').Runtime} runtime
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, identity: string }} where
 */
async function tryIn({ name, command, args }, { cwd, env, identity }) {
  const { status, output } = await run(command, [...args, path.join(cwd, 'trial.cjs'), identity], { capture: true, cwd, env });
  const [, openssl = ''] = /"openssl":"(OpenSSL [\w.-]+) /.exec(output) ?? [];
  const ok = status === 0 && openssl !== '';
  tally.check(name, ok);
  console.log(ok ? `ok  ${name}: ${openssl}` : `FAILED  ${name}\n${tail(output)}`);
}

async function main() {
  if (!existsSync(targetFor().file)) throw new StepError('There is no prebuild for this system.', { advice: 'npm run prebuild makes one.' });
  await ensurePackages(testNeeds.slice(0, 1));
  const tarball = await packTarball();
  const runtimes = [...(await Promise.all(NODES.map((version) => nodeOf(version)))), await bunOf(BUN), await denoOf(DENO)];
  const folder = mkdtempSync(path.join(tmpdir(), 'qdtls-try-'));
  try {
    const identity = path.join(folder, 'identity.json');
    writeFileSync(identity, JSON.stringify(await makeIdentity()));
    const { QDTLS_NATIVE_BUILD: _, ...rest } = process.env;
    const env = { ...rest, PATH: barePath(folder) };
    for (const [index, flag] of INSTALLS.entries()) await install(path.join(folder, `project-${index}`), tarball.file, { flag, env });
    for (const runtime of runtimes) await tryIn(runtime, { cwd: path.join(folder, 'project-0'), env, identity });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

try {
  await main();
} catch (error) {
  reportFailure(error);
  tally.check('preparing the trial', false);
}
tally.finish();
