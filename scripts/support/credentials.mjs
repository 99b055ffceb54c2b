// Keys and certificates for a run, by the openssl command (testNeeds of system-packages.mjs).

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run, StepError } from './run.mjs';

/** @typedef {{ certificate: string, key: string }} Identity in PEM */

const P256 = ['ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];

/**
 * A new key and a self-signed certificate for localhost.
 *
 * @param {readonly string[]} [newKey] as `openssl req -newkey` takes it
 * @returns {Promise<Identity>}
 */
export async function makeIdentity(newKey = P256) {
  const folder = mkdtempSync(path.join(tmpdir(), 'qdtls-'));
  const [key, certificate] = [path.join(folder, 'key.pem'), path.join(folder, 'certificate.pem')];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const args = ['req', '-x509', '-nodes', '-days', '2', '-newkey', ...newKey, ...names, '-keyout', key, '-out', certificate];
  try {
    const { status, output } = await run('openssl', args, { capture: true });
    if (status !== 0) throw new StepError('openssl could not make a certificate.', { output });
    return { key: readFileSync(key, 'utf8'), certificate: readFileSync(certificate, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
