// The package as users get it: what npm packs.

import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { ensureDependencies, ensureTypeScript } from '../bootstrap.mjs';
import { root, runNpm, StepError } from './run.mjs';

/**
 * @typedef {object} Tarball
 * @property {string} file
 * @property {number} size bytes
 * @property {number} unpackedSize bytes
 * @property {readonly string[]} contents paths inside the package
 */

/** @returns {Promise<Tarball>} */
export async function packTarball() {
  await ensureDependencies();
  await ensureTypeScript();
  const folder = path.join(root, 'build-package');
  mkdirSync(folder, { recursive: true });
  // Without scripts: theirs would be in the output, and they have just been done.
  const args = ['pack', '--json', '--ignore-scripts', '--loglevel=error', '--pack-destination', folder];
  const { status, output } = await runNpm(args, { capture: true });
  const json = /^[[{][^]*[\]}]$/m.exec(output)?.[0];
  if (status !== 0 || json === undefined) throw new StepError('npm pack failed.', { output });
  /** @type {{ filename: string, size: number, unpackedSize: number, files: { path: string }[] }[]} */
  const [report] = Object.values(JSON.parse(json));
  if (report === undefined) throw new StepError('npm pack made nothing.', { output });
  const { filename, size, unpackedSize, files } = report;
  return { file: path.join(folder, filename), size, unpackedSize, contents: files.map((entry) => entry.path) };
}
