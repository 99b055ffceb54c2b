// Other programs that run JavaScript, each from npm into build-node/: Node of another version or architecture, Bun, Deno.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { download, root, runNpm, StepError } from './run.mjs';
import { ensurePackages } from './system-packages.mjs';

/**
 * @typedef {object} Runtime
 * @property {string} name
 * @property {string} command
 * @property {readonly string[]} args before the script
 */

/** The system and processor in the names of npm's packages. */
const here = `${process.platform === 'win32' ? 'win' : process.platform}-${process.arch}`;
const EMULATORS = /** @type {Readonly<Record<string, string>>} */ ({ arm64: 'qemu-aarch64-static', x64: 'qemu-x86_64-static' });

/**
 * Installs a package that holds one program, without its scripts, and returns the program's path.
 *
 * @param {string} name
 * @param {string} version
 * @param {string} program path inside the package
 * @param {readonly string[]} [options] for npm
 */
async function install(name, version, program, options = []) {
  const folder = path.join(root, 'build-node', name.replace('/', '-'), version);
  const executable = path.join(folder, 'node_modules', ...name.split('/'), program);
  if (existsSync(executable)) return executable;
  const flags = ['--no-save', '--no-package-lock', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', folder, ...options];
  const { status, output } = await download(() => runNpm(['install', ...flags, `${name}@${version}`], { capture: true }));
  if (status !== 0) throw new StepError(`npm could not install ${name}@${version}.`, { output });
  return executable;
}

/**
 * Node of this version: of this machine's architecture, or of another one by QEMU.
 *
 * @param {string} version such as `24.21.0`
 * @param {string} [arch]
 * @param {string} [libraries] folder with the C library of that architecture, for QEMU
 * @returns {Promise<Runtime>}
 */
export async function nodeOf(version, arch = process.arch, libraries = '/') {
  const name = `Node ${version}`;
  if (!/^\d+\.\d+\.\d+$/.test(version)) throw new StepError(`A version of Node is needed, such as 24.21.0, not "${version}".`);
  const program = process.platform === 'win32' ? 'bin/node.exe' : 'bin/node';
  if (arch === process.arch) return { name, command: await install(`node-${here}`, version, program), args: [] };
  const emulator = EMULATORS[arch];
  if (emulator === undefined) throw new StepError(`There is no emulator for ${arch}.`);
  await ensurePackages([{ command: emulator, package: 'qemu-user-static' }]);
  const node = await install(`node-linux-${arch}`, version, program, ['--force', `--cpu=${arch}`]);
  return { name: `${name} for ${arch}`, command: emulator, args: ['-L', libraries, node] };
}

/**
 * @param {string} version
 * @returns {Promise<Runtime>}
 */
export async function bunOf(version) {
  const system = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch === 'arm64' ? 'aarch64' : 'x64'}`;
  const program = process.platform === 'win32' ? 'bin/bun.exe' : 'bin/bun';
  return { name: `Bun ${version}`, command: await install(`@oven/bun-${system}`, version, program), args: [] };
}

/**
 * @param {string} version
 * @returns {Promise<Runtime>}
 */
export async function denoOf(version) {
  const suffix = process.platform === 'linux' ? '-glibc' : '';
  const program = process.platform === 'win32' ? 'deno.exe' : 'deno';
  const command = await install(`@deno/${process.platform}-${process.arch}${suffix}`, version, program);
  return { name: `Deno ${version}`, command, args: ['run', '--allow-all', '--quiet', '--node-modules-dir=manual'] };
}
