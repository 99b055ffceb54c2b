// The keys and certificates of a run, made anew each time.

import { makeIdentity } from '../support/credentials.mjs';

/**
 * @typedef {import('../support/credentials.mjs').Identity} Identity
 * @typedef {{ ecdsa: Identity, rsa: Identity, client: Identity }} Credentials
 */

/** @returns {Promise<Credentials>} */
export async function makeCredentials() {
  return { ecdsa: await makeIdentity(), rsa: await makeIdentity(['rsa:2048']), client: await makeIdentity() };
}
