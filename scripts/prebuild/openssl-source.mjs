// The pinned source of OpenSSL (native/openssl.json): from the release, or from the archive that apt is set to use.

import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { root, run, StepError } from '../support/run.mjs';

/**
 * @typedef {object} Pin
 * @property {string} version
 * @property {string} sha256 of the release's archive, which is also what Debian calls orig.tar.gz
 */

export const cacheFolder = path.join(root, 'build-openssl');

const pins = /** @type {{ release: Pin, trial: Pin }} */ (
  JSON.parse(readFileSync(path.join(root, 'native', 'openssl.json'), 'utf8'))
);

/** What is published. */
export const releasePin = pins.release;

/** What stands in for it where its archive cannot be had: for trials, never to be published. */
export const trialPin = pins.trial;

const APT_HELPER = '/usr/lib/apt/apt-helper';

/** @param {string} file */
function sha256Of(file) {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}

/**
 * @param {string} url
 * @param {string} file
 */
async function fetchTo(url, file) {
  try {
    const response = await fetch(url);
    if (!response.ok) return `${url}: ${response.status} ${response.statusText}`;
    writeFileSync(file, Buffer.from(await response.arrayBuffer()));
    return '';
  } catch (error) {
    const { cause } = /** @type {{ cause?: { message?: string } }} */ (error);
    return `${url}: ${cause?.message ?? String(error)}`;
  }
}

/** Where this system's apt looks for Debian's packages. */
export async function debianArchives() {
  if (!existsSync(APT_HELPER)) return [];
  const { status, output } = await run('apt-get', ['indextargets', '--format', '$(REPO_URI)'], { capture: true });
  return status === 0 ? [...new Set(output.split('\n').filter((line) => /^https?:.*\/debian\/?$/.test(line)))] : [];
}

/**
 * Brings one archive, and says why not where it cannot.
 *
 * @param {Pin} pin
 * @param {string} file
 * @returns {Promise<string[]>} what was tried in vain; empty when the file is there
 */
async function download({ version, sha256 }, file) {
  const partial = `${file}.part`;
  const failures = [];
  const release = `https://github.com/openssl/openssl/releases/download/openssl-${version}/openssl-${version}.tar.gz`;
  const attempts = [() => fetchTo(release, partial)];
  for (const archive of await debianArchives()) {
    const url = `${archive.replace(/\/$/, '')}/pool/main/o/openssl/openssl_${version}.orig.tar.gz`;
    attempts.push(async () => {
      const { status, output } = await run(APT_HELPER, ['download-file', url, partial], { capture: true });
      return status === 0 ? '' : `${url}: ${output.trim().split('\n').at(-1)}`;
    });
  }
  for (const attempt of attempts) {
    const failure = await attempt();
    if (failure !== '') failures.push(failure);
    else if (sha256Of(partial) === sha256) {
      renameSync(partial, file);
      return [];
    } else failures.push(`SHA-256 is ${sha256Of(partial)}, not ${sha256}`);
    rmSync(partial, { force: true });
  }
  return failures;
}

/**
 * Throws a StepError when the archive cannot be had; its output says what was tried.
 *
 * @param {Pin} pin
 * @returns {Promise<string>} the path of the archive, with the content that is pinned
 */
export async function archiveOf(pin) {
  mkdirSync(cacheFolder, { recursive: true });
  const file = path.join(cacheFolder, `openssl-${pin.version}.tar.gz`);
  if (existsSync(file) && sha256Of(file) === pin.sha256) return file;
  const failures = await download(pin, file);
  if (failures.length === 0) return file;
  throw new StepError(`The source of OpenSSL ${pin.version} could not be had.`, {
    output: failures.join('\n'),
    advice: `Put openssl-${pin.version}.tar.gz into build-openssl/ by hand.`,
  });
}
