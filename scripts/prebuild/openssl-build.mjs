// Builds what the addon needs of OpenSSL as static libraries, once for each version, system and set of options.

import { cpSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { hashOf, readIfPresent } from '../support/files.mjs';
import { root, run, StepError } from '../support/run.mjs';
import { ensurePackages } from '../support/system-packages.mjs';
import { archiveOf, cacheFolder } from './openssl-source.mjs';

/**
 * @typedef {object} Library
 * @property {string} folder with include/ and the two libraries
 * @property {boolean} isNew whether it was built just now
 */

// Not built at all: whatever is no library, and doors through which a process changes what OpenSSL does.
const PARTS = ['shared', 'apps', 'docs', 'tests', 'module', 'dso', 'legacy', 'engine', 'autoload-config', 'ui-console', 'makedepend'];

// A handler that runs at exit would run in a process that is not ours, when others may still be at work.
const RUNTIME = ['atexit', 'async', 'thread-pool', 'default-thread-pool'];

// What no DTLS 1.2 peer can ask for: other protocols, and algorithms that have no cipher suite or certificate there.
const PROTOCOLS = ['quic', 'http', 'cmp', 'cms', 'ts', 'ocsp', 'ct', 'srp', 'gost', 'rfc3779', 'comp', 'nextprotoneg', 'ssl-trace'];
const ALGORITHMS = [
  ...['ml-kem', 'ml-dsa', 'slh-dsa', 'multiblock', 'siv', 'ocb', 'sm2', 'sm3', 'sm4', 'ec2m'],
  ...['argon2', 'scrypt', 'siphash', 'des', 'rc2', 'rc4', 'idea', 'seed', 'bf', 'cast', 'md4', 'mdc2', 'rmd160', 'whirlpool'],
];

const WITHOUT = [...PARTS, ...RUNTIME, ...PROTOCOLS, ...ALGORITHMS].map((name) => `no-${name}`);

// No folder of the building machine may be looked into on another one, and none is written into the library.
const NOWHERE = ['--prefix=/nonexistent/qdtls', '--openssldir=/nonexistent/qdtls', '--libdir=lib'];
const SECTIONS = ['-fPIC', '-ffunction-sections', '-fdata-sections', '-fvisibility=hidden'];

const CONFIGURATIONS = /** @type {Readonly<Record<string, string>>} */ ({
  'linux-x64': 'linux-x86_64',
  'linux-arm64': 'linux-aarch64',
  'darwin-x64': 'darwin64-x86_64-cc',
  'darwin-arm64': 'darwin64-arm64-cc',
  'win32-x64': 'VC-WIN64A',
  'win32-arm64': 'VC-WIN64-ARM',
});

export const OPTIMIZATIONS = /** @type {const} */ (['3', 's']);

/**
 * @param {import('./target.mjs').Target} target
 * @param {import('./toolchain.mjs').Toolchain} toolchain
 * @param {string} optimization
 */
function configureArguments(target, { prefix, sysroot }, optimization) {
  const args = [CONFIGURATIONS[target.name] ?? '', ...NOWHERE, ...WITHOUT, '--release'];
  if (target.platform === 'win32') return args;
  args.push(`-O${optimization}`, ...SECTIONS);
  if (target.platform === 'darwin') args.push('-mmacosx-version-min=11.0');
  if (prefix !== '') args.push(`--cross-compile-prefix=${prefix}`);
  // Relative: the library keeps a line about how it was compiled.
  if (sysroot !== '') args.push(`--sysroot=../../${path.basename(sysroot)}`);
  return args;
}

/**
 * @param {string} name
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 */
async function must(name, command, args, cwd) {
  // The date in OpenSSL's own description of its build: the same input gives the same library.
  const env = { ...process.env, SOURCE_DATE_EPOCH: '0' };
  const { status, output } = await run(command, args, { capture: true, cwd, env });
  if (status !== 0) throw new StepError(`OpenSSL: ${name} failed.`, { output });
}

/**
 * @param {string} archive
 * @param {readonly string[]} configuration
 * @param {string} folder
 */
async function build(archive, configuration, folder) {
  const source = path.join(folder, 'source');
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(source, { recursive: true });
  await must('unpacking', 'tar', ['-xzf', archive, '--strip-components=1', '-C', source], folder);
  await must('Configure', 'perl', ['Configure', ...configuration], source);
  const isWindows = process.platform === 'win32';
  const [command, args] = isWindows ? ['nmake', ['/S']] : ['make', [`-j${availableParallelism()}`]];
  await must('make', command, [...args, 'build_libs'], source);
  const libraries = isWindows ? ['libssl.lib', 'libcrypto.lib'] : ['libssl.a', 'libcrypto.a'];
  for (const library of libraries) renameSync(path.join(source, library), path.join(folder, library));
  cpSync(path.join(source, 'include'), path.join(folder, 'include'), { recursive: true });
  cpSync(path.join(source, 'LICENSE.txt'), path.join(folder, 'LICENSE.txt'));
  rmSync(source, { recursive: true, force: true });
}

/**
 * @param {import('./openssl-source.mjs').Pin} pin
 * @param {import('./target.mjs').Target} target
 * @param {{ toolchain: import('./toolchain.mjs').Toolchain, optimization: string }} how
 * @returns {Promise<Library>}
 */
export async function buildOpenSsl(pin, target, { toolchain, optimization }) {
  const archive = await archiveOf(pin);
  const configuration = configureArguments(target, toolchain, optimization);
  const folder = path.join(cacheFolder, `${pin.version}-${target.name}${target.libc === 'musl' ? '-musl' : ''}-O${optimization}`);
  const stampFile = path.join(folder, 'built.stamp');
  const stamp = hashOf([], [pin.sha256, ...configuration]);
  if (readIfPresent(path.relative(root, stampFile)) === stamp) return { folder, isNew: false };
  await ensurePackages(process.platform === 'linux' ? [{ command: 'perl', package: 'perl' }, { command: 'make', package: 'make' }] : []);
  await build(archive, configuration, folder);
  writeFileSync(stampFile, stamp);
  return { folder, isNew: true };
}
