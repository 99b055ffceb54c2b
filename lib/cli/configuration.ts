import { createPrivateKey } from 'node:crypto';
import {
  EncodingFormat,
  PeerVerifyMode,
  QDtls,
  QSslCertificate,
  QSslConfiguration,
  QSslKey,
  SslMode,
} from '../index';
import { messageOf } from './error-text';
import type { ClientOptions, CredentialOptions, ServerOptions } from './options';
import { readPem } from './pem-source';
import { UsageError } from './usage-error';

type ServerTrust = Pick<ServerOptions, 'credentials' | 'cookies' | 'requireClientCertificate'>;
type ClientTrust = Pick<ClientOptions, 'credentials' | 'insecure'>;

/** The hint that Qt's secure UDP server sends. */
const IDENTITY_HINT = 'Qt DTLS example server';

function readCertificates(option: string, place: string): QSslCertificate[] {
  const { content, name } = readPem(option, place);
  const certificates = QSslCertificate.fromData(content, EncodingFormat.Pem);
  if (certificates.length > 0) return certificates;
  throw UsageError.ofOption(option, 'name a file with PEM certificates', `${name} holds none`);
}

function readKey(option: 'cert' | 'key', place: string, passphrase: string | null): QSslKey {
  const { content: key, name } = readPem(option, place);
  if (passphrase === null && key.includes('ENCRYPTED')) {
    throw UsageError.ofOption(option, 'come with the --passphrase of the key', `${name} is encrypted`);
  }
  try {
    return new QSslKey(createPrivateKey({ key, ...(passphrase === null ? {} : { passphrase }) }));
  } catch (error) {
    const expectation = passphrase === null ? 'a private key' : 'a private key that the --passphrase opens';
    const elsewhere = option === 'cert' ? ', or come with --key' : '';
    const received = `reading ${name} failed (${messageOf(error)})`;
    throw UsageError.ofOption(option, `name a PEM file with ${expectation}${elsewhere}`, received);
  }
}

/** Whether the suite proves both sides by the pre-shared key alone; RSA_PSK needs a certificate as well. */
function isKeySuite(name: string): boolean {
  return name.includes('PSK') && !name.startsWith('RSA-PSK');
}

function selectCiphers(configuration: QSslConfiguration, list: string, without: string): void {
  try {
    configuration.setCiphers(list + without);
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const expectation = 'be an OpenSSL cipher list with a suite for this key or certificate';
    throw UsageError.ofOption('ciphers', expectation, `${JSON.stringify(list)} was given`);
  }
}

/**
 * Leaves only cipher suites that authenticate as the options say: by the key, by certificates, or by
 * either. Otherwise a server could offer a certificate to a client that verifies none, because it relies on
 * its key.
 */
function restrictCiphers(
  configuration: QSslConfiguration,
  { psk, ciphers }: CredentialOptions,
  certificates: boolean,
): void {
  const byKey = psk !== null;
  if (ciphers !== null) {
    const without = `:!aNULL${byKey ? '' : ':!PSK'}${certificates ? '' : ':!aRSA:!aECDSA:!aDSS'}`;
    selectCiphers(configuration, ciphers, without);
  } else if (!byKey || !certificates) {
    configuration.setCiphers(configuration.ciphers().filter((cipher) => isKeySuite(cipher.name()) === byKey));
  }
}

function baseConfiguration(credentials: CredentialOptions, certificates: boolean): QSslConfiguration {
  const { certificateFile, keyFile, passphrase, caFile } = credentials;
  const configuration = QSslConfiguration.defaultDtlsConfiguration();
  if (certificateFile !== null) {
    configuration.setLocalCertificateChain(readCertificates('cert', certificateFile));
    const option = keyFile === null ? 'cert' : 'key';
    configuration.setPrivateKey(readKey(option, keyFile ?? certificateFile, passphrase));
  }
  if (caFile !== null) configuration.setCaCertificates(readCertificates('ca', caFile));
  restrictCiphers(configuration, credentials, certificates);
  return configuration;
}

function verifyMode(verifies: boolean): PeerVerifyMode {
  return verifies ? PeerVerifyMode.VerifyPeer : PeerVerifyMode.VerifyNone;
}

/** What is wrong with certificates and ciphers is said now and not at the first handshake. */
function tryOut(configuration: QSslConfiguration, mode: SslMode): QSslConfiguration {
  const trial = new QDtls(mode);
  trial.setDtlsConfiguration(configuration);
  if (trial.checkConfiguration()) return configuration;
  throw new UsageError(`These certificates, keys and ciphers cannot be used: ${trial.dtlsErrorString()}.`);
}

/**
 * The configuration of `qdtls server`; throws {@link UsageError} for files and lists that cannot be used.
 */
export function serverConfiguration(options: ServerTrust): QSslConfiguration {
  const { credentials, cookies, requireClientCertificate } = options;
  const configuration = baseConfiguration(credentials, credentials.certificateFile !== null);
  configuration.setPeerVerifyMode(verifyMode(requireClientCertificate));
  configuration.setDtlsCookieVerificationEnabled(cookies);
  if (credentials.psk !== null) configuration.setPreSharedKeyIdentityHint(IDENTITY_HINT);
  return tryOut(configuration, SslMode.SslServerMode);
}

/**
 * The configuration of `qdtls client`; throws {@link UsageError} for files and lists that cannot be used.
 */
export function clientConfiguration({ credentials, insecure }: ClientTrust): QSslConfiguration {
  const byCertificate = credentials.psk === null;
  const configuration = baseConfiguration(credentials, byCertificate);
  // A key authenticates both sides; there is no certificate to verify then.
  configuration.setPeerVerifyMode(verifyMode(byCertificate && !insecure));
  return tryOut(configuration, SslMode.SslClientMode);
}
