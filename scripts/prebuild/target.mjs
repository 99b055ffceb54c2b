// For which system a prebuild is made, and how its file is called.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { root, StepError } from '../support/run.mjs';

/**
 * @typedef {object} Target
 * @property {string} platform as in process.platform
 * @property {string} arch as in process.arch
 * @property {string} libc `glibc` or `musl`; '' where there is no choice
 * @property {string} name of its folder below prebuilds/
 * @property {string} file the prebuild
 * @property {boolean} isCross whether this machine cannot run it by itself
 * @property {string} triple GNU's name of a Linux system, as in the names of its compilers
 */

const ARCHITECTURES = /** @type {Readonly<Record<string, string>>} */ ({ x64: 'x86_64', arm64: 'aarch64' });

/**
 * @param {string} [arch]
 * @returns {Target}
 */
export function targetFor(arch = process.arch) {
  const { platform } = process;
  const machine = ARCHITECTURES[arch];
  const isCross = arch !== process.arch;
  if (machine === undefined) throw new StepError(`There are prebuilds for x64 and arm64, not for ${arch}.`);
  if (isCross && platform !== 'linux') throw new StepError(`Only Linux builds for another architecture, not ${platform}.`);
  const libc = platform === 'linux' ? libcOfThisSystem() : '';
  const name = `${platform}-${arch}`;
  const file = path.join(root, 'prebuilds', name, `qdtls${libc === '' ? '' : `.${libc}`}.node`);
  return { platform, arch, libc, name, file, isCross, triple: `${machine}-linux-gnu` };
}

function libcOfThisSystem() {
  return existsSync('/etc/alpine-release') ? 'musl' : 'glibc';
}

/**
 * Reads the arguments of this process: `--arch`, and what else is said here.
 *
 * @template {NonNullable<import('node:util').ParseArgsConfig['options']>} Options
 * @param {Options} options
 */
export function readArguments(options) {
  try {
    return parseArgs({ options, strict: true, allowPositionals: false }).values;
  } catch (error) {
    throw new StepError(error instanceof Error ? error.message : String(error));
  }
}
