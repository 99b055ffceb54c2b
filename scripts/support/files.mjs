// File lists and content hashes. Node builtins only.

import { createHash } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { root } from './run.mjs';

/**
 * Every file below a folder whose name ends in one of the given extensions, sorted, relative to `base`.
 *
 * @param {string} folder relative to `base`; a missing folder has no files
 * @param {readonly string[]} extensions
 * @param {string} [base]
 * @returns {string[]}
 */
export function listFiles(folder, extensions, base = root) {
  const start = path.join(base, folder);
  if (!existsSync(start)) return [];
  return readdirSync(start, { recursive: true, encoding: 'utf8' })
    .filter((name) => extensions.some((extension) => name.endsWith(extension)))
    .map((name) => path.join(folder, name))
    .filter((name) => statSync(path.join(base, name)).isFile())
    .sort();
}

/**
 * A hash over names and contents of files, and over anything else the result of a build depends on.
 *
 * @param {readonly string[]} files relative to the root
 * @param {readonly string[]} extra
 */
export function hashOf(files, extra) {
  const hash = createHash('sha256').update(extra.join('\n'));
  for (const file of files) hash.update(`\n${file}\n`).update(readFileSync(path.join(root, file)));
  return hash.digest('hex');
}

/**
 * The text of a file below the root, or '' when it is not there.
 *
 * @param {string} file
 */
export function readIfPresent(file) {
  const full = path.join(root, file);
  return existsSync(full) ? readFileSync(full, 'utf8') : '';
}
