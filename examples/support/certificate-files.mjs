import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { isDemonstration } from './roles.mjs';
import { DEFAULT_FOLDER, makeCertificates } from './small-ca.mjs';

const folder = isDemonstration ? makeTemporary() : DEFAULT_FOLDER;

/** Certificates for one run, which leaves nothing behind. */
function makeTemporary() {
  const temporary = mkdtempSync(path.join(tmpdir(), 'qdtls-example-'));
  process.once('exit', () => rmSync(temporary, { recursive: true }));
  makeCertificates(temporary);
  return temporary;
}

/**
 * A file that make-certificates.mjs has made: of the folder `certificates`, so that two terminals have the same; a
 * demonstration makes its own.
 *
 * @param {string} name
 */
export function certificateFile(name) {
  const file = path.join(folder, name);
  if (!existsSync(file)) throw new Error(`There is no ${file}. To make it: node examples/make-certificates.mjs`);
  return readFileSync(file);
}
