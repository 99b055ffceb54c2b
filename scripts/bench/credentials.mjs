// Keys and self-signed certificates for localhost, made anew each time.

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { run, StepError } from '../support/run.mjs';

/**
 * In PEM.
 *
 * @typedef {{ certificate: string, key: string }} Identity
 * @typedef {{ ecdsa: Identity, rsa: Identity, client: Identity }} Credentials
 */

/**
 * @param {string} folder
 * @param {readonly string[]} keyArguments
 * @returns {Promise<Identity>}
 */
async function makeIdentity(folder, keyArguments) {
  const [key, certificate] = [path.join(folder, 'key.pem'), path.join(folder, 'certificate.pem')];
  const names = ['-subj', '/CN=localhost', '-addext', 'subjectAltName=DNS:localhost'];
  const args = ['req', '-x509', '-nodes', '-days', '2', ...keyArguments, ...names, '-keyout', key, '-out', certificate];
  const { status, output } = await run('openssl', args, { capture: true });
  if (status !== 0) throw new StepError('openssl could not make a certificate.', { output });
  return { key: readFileSync(key, 'utf8'), certificate: readFileSync(certificate, 'utf8') };
}

/** @returns {Promise<Credentials>} */
export async function makeCredentials() {
  const folder = mkdtempSync(path.join(tmpdir(), 'qdtls-bench-'));
  const curve = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
  try {
    const ecdsa = await makeIdentity(folder, curve);
    const rsa = await makeIdentity(folder, ['-newkey', 'rsa:2048']);
    const client = await makeIdentity(folder, curve);
    return { ecdsa, rsa, client };
  } finally {
    rmSync(folder, { recursive: true });
  }
}
