// Makes sure that commands and libraries which npm does not install are there. Node builtins only.

import { existsSync, statSync } from 'node:fs';
import path from 'node:path';
import { download, isMain, reportFailure, run, StepError } from './run.mjs';

/**
 * A command or file that is needed, and the Debian package that brings it.
 *
 * @typedef {{ package: string } & ({ command: string } | { file: string })} Need
 */

/** @param {string} command */
function isOnPath(command) {
  const folders = (process.env['PATH'] ?? '').split(path.delimiter);
  return folders.some((folder) => statSync(path.join(folder, command), { throwIfNoEntry: false })?.isFile());
}

/** @param {Need} need */
function isMissing(need) {
  return 'command' in need ? !isOnPath(need.command) : !existsSync(need.file);
}

/**
 * Installs what is missing with apt when this process may, and throws a StepError otherwise.
 *
 * @param {readonly Need[]} needs
 */
export async function ensurePackages(needs) {
  const names = [...new Set(needs.filter(isMissing).map((need) => need.package))];
  if (names.length === 0) return;
  const advice = `Install them by hand: apt-get install ${names.join(' ')} (or what your system calls them).`;
  if (!isOnPath('apt-get') || process.getuid?.() !== 0) {
    throw new StepError(`Missing system packages: ${names.join(', ')}.`, { advice });
  }
  console.log(`Installing system packages: ${names.join(', ')}`);
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  for (const args of [['update'], ['install', '-y', '--no-install-recommends', ...names]]) {
    const { status, output } = await download(() => run('apt-get', args, { capture: true, env }));
    if (status !== 0) throw new StepError(`apt-get ${args.join(' ')} failed.`, { output, advice });
  }
}

/**
 * Installs likewise what tests can be skipped without. In CI nothing is skipped, elsewhere it says what will be.
 *
 * @param {readonly Need[]} needs
 */
export async function offerPackages(needs) {
  try {
    await ensurePackages(needs);
  } catch (error) {
    if (process.env['CI'] !== undefined || !(error instanceof StepError)) throw error;
    console.warn(`${error.message} The tests that need them are skipped. ${error.advice}`);
  }
}

/** What the CMake builds need. */
export const cmakeNeeds = /** @type {const} */ ([
  { command: 'cmake', package: 'cmake' },
  { command: 'make', package: 'make' },
  { command: 'g++', package: 'g++' },
  { file: '/usr/include/openssl/ssl.h', package: 'libssl-dev' },
]);

/** What the tests need beside the build: the peer of the interop tests. */
export const testNeeds = /** @type {const} */ ([
  { command: 'openssl', package: 'openssl' },
  { command: 'gnutls-cli', package: 'gnutls-bin' },
]);

/** Other people's programs that a few tests need: CoAP clients, who reads a capture with a key log, a load balancer, a browser. */
export const furtherTestNeeds = /** @type {const} */ ([
  { command: 'coap-client-openssl', package: 'libcoap3-bin' },
  { command: 'coap-client-gnutls', package: 'libcoap3-bin' },
  { command: 'tshark', package: 'tshark' },
  { command: 'nginx', package: 'nginx-core' },
  { file: '/usr/lib/nginx/modules/ngx_stream_module.so', package: 'libnginx-mod-stream' },
  { command: 'chromium', package: 'chromium' },
]);

// Run by itself, as CI does first: everything that building and testing needs.
if (isMain(import.meta.url)) {
  try {
    await ensurePackages([...cmakeNeeds, ...testNeeds, { command: 'python3', package: 'python3' }]);
    await offerPackages(furtherTestNeeds);
  } catch (error) {
    reportFailure(error);
    process.exitCode = 1;
  }
}
