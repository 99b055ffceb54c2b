// The kinds of association that a soak makes: with a pre-shared key, at once and from a database, and with a certificate.

import { KeyAlgorithm, PeerVerifyMode, QSslCertificate, QSslConfiguration, QSslKey } from 'qdtls';

/**
 * @typedef {object} Profile
 * @property {string} name
 * @property {QSslConfiguration} client
 * @property {QSslConfiguration} server
 * @property {(authenticator: import('qdtls').QSslPreSharedKeyAuthenticator) => void} answerPsk
 */

const IDENTITY = 'soak';
const KEY = Buffer.from('000102030405060708090a0b0c0d0e0f', 'hex');
const DATABASE_MS = 5;

/** @param {string} ciphers */
function pskConfiguration(ciphers) {
  const configuration = QSslConfiguration.defaultDtlsConfiguration();
  configuration.setPeerVerifyMode(PeerVerifyMode.VerifyNone);
  configuration.setCiphers(ciphers);
  return configuration;
}

/** @param {import('qdtls').QSslPreSharedKeyAuthenticator} authenticator */
function answer(authenticator) {
  authenticator.setIdentity(IDENTITY);
  authenticator.setPreSharedKey(KEY);
}

/** @param {import('qdtls').QSslPreSharedKeyAuthenticator} authenticator */
function answerLater(authenticator) {
  const fetched = new Promise((resolve) => setTimeout(resolve, DATABASE_MS));
  authenticator.waitUntil(fetched.then(() => answer(authenticator)));
}

/**
 * @param {import('../support/credentials.mjs').Identity} credentials
 * @returns {Profile[]}
 */
export function makeProfiles({ certificate, key }) {
  const [own] = QSslCertificate.fromData(certificate);
  if (own === undefined) throw new Error('the certificate cannot be read');
  const server = QSslConfiguration.defaultDtlsConfiguration();
  server.setLocalCertificate(own);
  server.setPrivateKey(new QSslKey(key, KeyAlgorithm.Ec));
  const client = QSslConfiguration.defaultDtlsConfiguration();
  client.setCaCertificates([own]);
  const plain = pskConfiguration('PSK-AES128-GCM-SHA256');
  const ephemeral = pskConfiguration('ECDHE-PSK-CHACHA20-POLY1305');
  return [
    { name: 'pre-shared key', client: plain, server: plain, answerPsk: answer },
    { name: 'pre-shared key from a database', client: ephemeral, server: ephemeral, answerPsk: answerLater },
    { name: 'certificate', client, server, answerPsk: () => undefined },
  ];
}
