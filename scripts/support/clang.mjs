// Finds a clang that has libFuzzer, or installs one. Node builtins only.

import { existsSync } from 'node:fs';
import path from 'node:path';
import { run } from './run.mjs';
import { ensurePackages } from './system-packages.mjs';

const DEFAULT_VERSION = 14;
const NEWEST_VERSION = 30;
const ARCHITECTURES = /** @type {Readonly<Record<string, string>>} */ ({ x64: 'x86_64', arm64: 'aarch64' });

/** @param {string} command */
async function versionOf(command) {
  const { status, output } = await run(command, ['-dumpversion'], { capture: true });
  return status === 0 ? Number.parseInt(output, 10) : undefined;
}

/** The name of the newest clang++ on the path. */
async function installedClang() {
  const versions = Array.from({ length: NEWEST_VERSION - DEFAULT_VERSION + 1 }, (_, index) => NEWEST_VERSION - index);
  for (const command of ['clang++', ...versions.map((version) => `clang++-${version}`)]) {
    if ((await versionOf(command)) !== undefined) return command;
  }
  return undefined;
}

/**
 * The command of a clang++ that can build fuzz targets. Throws a StepError when there is none and none can be
 * installed.
 *
 * @returns {Promise<string>}
 */
export async function ensureClang() {
  const command = (await installedClang()) ?? `clang++-${DEFAULT_VERSION}`;
  await ensurePackages([{ command, package: `clang-${DEFAULT_VERSION}` }]);
  const { output } = await run(command, ['-print-resource-dir'], { capture: true });
  const architecture = ARCHITECTURES[process.arch] ?? process.arch;
  const runtime = path.join(output.trim(), 'lib', 'linux', `libclang_rt.fuzzer-${architecture}.a`);
  if (process.platform === 'linux' && !existsSync(runtime)) {
    await ensurePackages([{ file: runtime, package: `libclang-rt-${await versionOf(command)}-dev` }]);
  }
  return command;
}
