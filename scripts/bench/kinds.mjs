// The kinds of association that are measured, each as settings of the C loop and as our configurations. Both ends of
// both sides have the same suites, groups, versions and checks.

import { KeyAlgorithm, PeerVerifyMode, QSslCertificate, QSslConfiguration, QSslEllipticCurve, QSslKey } from 'qdtls';
import { must } from './section.mjs';

/**
 * @typedef {import('./credentials.mjs').Credentials} Credentials
 * @typedef {import('./credentials.mjs').Identity} Identity
 *
 * @typedef {object} Kind
 * @property {string} name
 * @property {string} cipher
 * @property {boolean} cookies
 * @property {boolean} isMutual
 * @property {boolean} hasCertificate
 * @property {import('./c-loop.mjs').Settings} settings
 * @property {QSslConfiguration} client
 * @property {QSslConfiguration} server
 */

const GROUPS = ['X25519', 'P-256'];
export const KIND_NAMES = /** @type {const} */ (['ECDSA P-256', 'RSA-2048', 'mutual ECDSA', 'PSK']);

/** @typedef {typeof KIND_NAMES[number]} KindName */

/** @param {string} cipher */
function plainConfiguration(cipher) {
  const configuration = QSslConfiguration.defaultDtlsConfiguration();
  configuration.setCiphers(cipher);
  configuration.setEllipticCurves(GROUPS.map((name) => QSslEllipticCurve.fromShortName(name)));
  configuration.setCaCertificates([]);
  configuration.setPeerVerifyMode(PeerVerifyMode.VerifyNone);
  return configuration;
}

/** @param {string} pem */
function certificateOf(pem) {
  const [certificate] = QSslCertificate.fromData(pem);
  if (certificate === undefined) throw new Error('the certificate cannot be read');
  return certificate;
}

/**
 * @param {QSslConfiguration} configuration
 * @param {Identity} identity
 */
function identify(configuration, { certificate, key }) {
  const algorithm = certificateOf(certificate).publicKey().algorithm();
  configuration.setLocalCertificate(certificateOf(certificate));
  configuration.setPrivateKey(new QSslKey(key, algorithm === KeyAlgorithm.Rsa ? KeyAlgorithm.Rsa : KeyAlgorithm.Ec));
}

/**
 * @param {QSslConfiguration} configuration
 * @param {Identity} identity
 */
function trust(configuration, { certificate }) {
  configuration.setCaCertificates([certificateOf(certificate)]);
  configuration.setPeerVerifyMode(PeerVerifyMode.VerifyPeer);
}

/**
 * An association with a pre-shared key.
 *
 * @param {string} cipher
 * @param {boolean} [cookies]
 * @returns {Kind}
 */
export function pskKind(cipher, cookies = false) {
  const [client, server] = [plainConfiguration(cipher), plainConfiguration(cipher)];
  server.setDtlsCookieVerificationEnabled(cookies);
  const nobody = { serverCertificate: '', serverKey: '', clientCertificate: '', clientKey: '' };
  const settings = { ciphers: cipher, groups: GROUPS.join(':'), ...nobody, cookies };
  return { name: 'PSK', cipher, cookies, isMutual: false, hasCertificate: false, settings, client, server };
}

/**
 * @param {KindName} name
 * @param {Credentials} credentials
 * @param {boolean} cookies
 * @returns {Kind}
 */
export function makeKind(name, credentials, cookies) {
  if (name === 'PSK') return pskKind('PSK-AES128-GCM-SHA256', cookies);
  const isRsa = name === 'RSA-2048';
  const isMutual = name === 'mutual ECDSA';
  const identity = isRsa ? credentials.rsa : credentials.ecdsa;
  const kind = pskKind(`ECDHE-${isRsa ? 'RSA' : 'ECDSA'}-AES128-GCM-SHA256`, cookies);
  identify(kind.server, identity);
  trust(kind.client, identity);
  const server = { serverCertificate: identity.certificate, serverKey: identity.key };
  const client = { clientCertificate: credentials.client.certificate, clientKey: credentials.client.key };
  if (isMutual) {
    identify(kind.client, credentials.client);
    trust(kind.server, credentials.client);
  }
  must(!kind.server.privateKey().isNull(), 'the key cannot be read');
  const settings = { ...kind.settings, ...server, ...(isMutual ? client : {}) };
  return { ...kind, name, isMutual, hasCertificate: true, settings };
}
