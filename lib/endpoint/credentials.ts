import { createHash, createPrivateKey, randomBytes } from 'node:crypto';
import { invalidArgumentType, invalidArgumentValue } from '../argument-errors';
import { EncodingFormat, SslOption, SslProtocol } from '../qssl';
import { QSslCertificate } from '../qsslcertificate';
import type { QSslCipher } from '../qsslcipher';
import { QSslConfiguration } from '../qsslconfiguration';
import { QSslEllipticCurve } from '../qsslellipticcurve';
import { QSslKey } from '../qsslkey';
import { PeerVerifyMode } from '../qsslsocket';
import { viewedBytes, type OptionReader } from './option-reader';

/** What decides about suites and certificates beside the options read here. */
export interface Purpose {
  readonly isServer: boolean;
  readonly hasPsk: boolean;
  readonly requestCert: boolean;
}

const TICKET_KEYS_LENGTH = 80;
const LONGEST_SESSION_ID_CONTEXT = 32;
const PROTOCOLS = 'an array of protocol names of 1 to 255 bytes, or a Buffer with a length byte before each';
const VERSIONS = ['DTLSv1', 'DTLSv1.2'] as const;

/** Whether the suite proves both sides by a pre-shared key alone; RSA-PSK needs a certificate as well. */
export function isKeySuite(cipher: QSslCipher): boolean {
  return cipher.name().includes('PSK') && !cipher.name().startsWith('RSA-PSK');
}

/** Reads everything that a QSslConfiguration can hold. Complaints name the option. */
export function readConfiguration(options: OptionReader, purpose: Purpose): QSslConfiguration {
  const configuration = QSslConfiguration.defaultDtlsConfiguration();
  readIdentity(options, configuration);
  const ca = readCertificateAuthorities(options);
  if (ca !== null) configuration.setCaCertificates(ca);
  readVersions(options, configuration);
  readCurves(options, configuration);
  const hasCertificate = !configuration.localCertificate().isNull() || options.has('sni');
  readCiphers(options, configuration, { ...purpose, byCertificate: purpose.isServer ? hasCertificate : ca !== null });
  readNegotiation(options, configuration);
  configuration.setPeerVerifyMode(verifyMode(configuration, purpose));
  // Who does not resume does not ask for the session, and a ticket costs little more than its bytes.
  configuration.setSslOption(SslOption.SslOptionDisableSessionPersistence, !options.boolean('resumption', true));
  if (purpose.isServer) readResumption(options, configuration, purpose);
  return configuration;
}

/** A pre-shared key proves both sides, and there is no certificate to ask for. */
function verifyMode(configuration: QSslConfiguration, { isServer, requestCert }: Purpose): PeerVerifyMode {
  const verifies = isServer ? requestCert : !configuration.ciphers().every(isKeySuite);
  return verifies ? PeerVerifyMode.VerifyPeer : PeerVerifyMode.VerifyNone;
}

function readIdentity(options: OptionReader, configuration: QSslConfiguration): void {
  const certificate = options.bytes('cert');
  const key = options.bytes('key');
  const passphrase = options.string('passphrase');
  if ((certificate === null) !== (key === null)) {
    const [given, missing] = certificate === null ? ['key', 'cert'] : ['cert', 'key'];
    throw invalidArgumentValue(options.nameOf(missing), `given too when ${options.nameOf(given)} is`, undefined);
  }
  if (certificate === null || key === null) return;
  configuration.setLocalCertificateChain(certificatesIn(certificate, options.nameOf('cert')));
  configuration.setPrivateKey(privateKeyIn(key, passphrase, options));
}

function certificatesIn(pem: Buffer, name: string): QSslCertificate[] {
  const certificates = QSslCertificate.fromData(pem, EncodingFormat.Pem);
  if (certificates.length > 0) return certificates;
  throw invalidArgumentValue(name, 'one or more certificates in PEM format', pem);
}

function privateKeyIn(key: Buffer, passphrase: string | null, options: OptionReader): QSslKey {
  const isEncrypted = key.includes('ENCRYPTED');
  if (isEncrypted && passphrase === null) {
    throw invalidArgumentValue(options.nameOf('passphrase'), `given too: ${options.nameOf('key')} is encrypted`, undefined);
  }
  try {
    return new QSslKey(createPrivateKey({ key, ...(isEncrypted && passphrase !== null ? { passphrase } : {}) }));
  } catch {
    const condition = isEncrypted ? `, which ${options.nameOf('passphrase')} opens` : '';
    throw invalidArgumentValue(options.nameOf('key'), `a private key in PEM format${condition}`, key);
  }
}

function readCertificateAuthorities(options: OptionReader): QSslCertificate[] | null {
  const files = options.manyBytes('ca');
  return files?.flatMap((pem, index) => certificatesIn(pem, `${options.nameOf('ca')}[${index}]`)) ?? null;
}

function readVersions(options: OptionReader, configuration: QSslConfiguration): void {
  const minimum = options.oneOf('minVersion', VERSIONS) ?? 'DTLSv1.2';
  const maximum = options.oneOf('maxVersion', VERSIONS) ?? 'DTLSv1.2';
  if (minimum > maximum) {
    throw invalidArgumentValue(options.nameOf('maxVersion'), `no older than ${options.nameOf('minVersion')}`, maximum);
  }
  if (minimum === 'DTLSv1.2') return;
  configuration.setProtocol(maximum === 'DTLSv1' ? SslProtocol.DtlsV1_0 : SslProtocol.DtlsV1_0OrLater);
}

function readCurves(options: OptionReader, configuration: QSslConfiguration): void {
  const list = options.string('ecdhCurve');
  if (list === null || list === 'auto') return;
  const curves = list.split(':').map((name) => QSslEllipticCurve.fromShortName(name));
  const isTwice = new Set(curves.map((curve) => curve.shortName())).size < curves.length; // older OpenSSLs refuse that
  if (isTwice || curves.some((curve) => !curve.isValid())) {
    throw invalidArgumentValue(options.nameOf('ecdhCurve'), "'auto' or names of curves with colons between them, each once", list);
  }
  configuration.setEllipticCurves(curves);
}

/** Leaves only suites that authenticate as the options say: with one too many a peer could choose what nobody verifies. */
function readCiphers(
  options: OptionReader,
  configuration: QSslConfiguration,
  { hasPsk, byCertificate }: Purpose & { readonly byCertificate: boolean },
): void {
  const list = options.string('ciphers');
  if (list !== null) {
    selectCiphers(options, configuration, list);
  } else if (!hasPsk || !byCertificate) {
    configuration.setCiphers(configuration.ciphers().filter((cipher) => isKeySuite(cipher) === hasPsk));
  }
  if (hasPsk || configuration.ciphers().some((cipher) => !cipher.name().includes('PSK'))) return;
  throw invalidArgumentValue(options.nameOf('psk'), `given too: ${options.nameOf('ciphers')} selects its suites alone`, undefined);
}

function selectCiphers(options: OptionReader, configuration: QSslConfiguration, list: string): void {
  try {
    configuration.setCiphers(list);
  } catch {
    const expectation = 'an OpenSSL cipher list that selects a suite of DTLS';
    throw invalidArgumentValue(options.nameOf('ciphers'), expectation, list);
  }
  // Names of suites say nothing of a security level, which counts for keys and curves too.
  if (list.includes('@')) configuration.setBackendConfigurationOption('CipherString', list);
}

function readNegotiation(options: OptionReader, configuration: QSslConfiguration): void {
  const protocols = readProtocols(options);
  if (protocols.length > 0) configuration.setAllowedNextProtocols(protocols);
  const profiles = options.string('srtp');
  if (profiles !== null) configuration.setSrtpProfiles(profiles.split(':'));
}

function readProtocols(options: OptionReader): Buffer[] {
  const name = options.nameOf('alpn');
  const value = options.take('alpn');
  if (value === undefined) return [];
  const wire = viewedBytes(value);
  const protocols = wire === null ? listedProtocols(value, name) : wiredProtocols(wire);
  const isSound = protocols?.every(({ length }) => length > 0 && length <= 255) ?? false;
  if (protocols !== null && isSound) return protocols;
  throw invalidArgumentValue(name, PROTOCOLS, value);
}

function listedProtocols(value: unknown, name: string): Buffer[] {
  if (!Array.isArray(value)) throw invalidArgumentType(name, PROTOCOLS, value);
  const list: readonly unknown[] = value;
  return list.map((element, index) => {
    if (typeof element === 'string') return Buffer.from(element);
    throw invalidArgumentType(`${name}[${index}]`, 'a string', element);
  });
}

/** Null when the lengths do not add up. */
function wiredProtocols(wire: Buffer): Buffer[] | null {
  const protocols: Buffer[] = [];
  for (let at = 0; at < wire.length; ) {
    const end = at + 1 + (wire[at] ?? 0);
    if (end > wire.length) return null;
    protocols.push(wire.subarray(at + 1, end));
    at = end;
  }
  return protocols;
}

function readResumption(options: OptionReader, configuration: QSslConfiguration, { hasPsk }: Purpose): void {
  const keys = options.view('ticketKeys');
  if (keys !== null) {
    if (keys.length !== TICKET_KEYS_LENGTH) {
      throw invalidArgumentValue(options.nameOf('ticketKeys'), `${TICKET_KEYS_LENGTH} bytes, not ${keys.length}`, keys);
    }
    configuration.setSessionTicketKeys(keys);
  } else {
    // Contexts of equal settings are one, and `psk` and `verifyPeer` are no settings: a ticket of one endpoint must not open another.
    configuration.setSessionTicketKeys(randomBytes(TICKET_KEYS_LENGTH));
  }
  const scope = options.string('sessionIdContext');
  if (scope === null) {
    // Where tickets cross endpoints, one without keys must not take those of one with keys.
    if (hasPsk) configuration.setSessionIdContext(scopeOfKeys(configuration));
    return;
  }
  const bytes = Buffer.from(scope);
  if (bytes.length === 0 || bytes.length > LONGEST_SESSION_ID_CONTEXT) {
    throw invalidArgumentValue(options.nameOf('sessionIdContext'), `1 to ${LONGEST_SESSION_ID_CONTEXT} bytes`, scope);
  }
  configuration.setSessionIdContext(bytes);
}

function scopeOfKeys(configuration: QSslConfiguration): Buffer {
  const hash = createHash('sha256').update('psk');
  for (const certificate of configuration.localCertificateChain()) hash.update(certificate.toDer());
  return hash.digest();
}
