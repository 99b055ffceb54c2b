import { createHash } from 'node:crypto';
import type { QSslCertificate } from './qsslcertificate';
import type { QSslCipher } from './qsslcipher';
import type { NativeContext } from './internal/native-types';
import type { NextProtocol } from './next-protocol';
import { QSslDiffieHellmanParameters } from './qssldiffiehellmanparameters';
import type { QSslEllipticCurve } from './qsslellipticcurve';
import { QSslKey } from './qsslkey';
import { SslOption, SslProtocol } from './qssl';
import { PeerVerifyMode } from './qsslsocket';

/**
 * The settings behind a QSslConfiguration. Never changed, only replaced: copies of a configuration share it, and the
 * TLS contexts made from it are found by it.
 */
export interface ConfigurationData {
  readonly protocol: SslProtocol;
  readonly peerVerifyMode: PeerVerifyMode;
  readonly peerVerifyDepth: number;
  readonly localCertificateChain: readonly QSslCertificate[];
  readonly privateKey: QSslKey;
  /** null: the roots of this system, loaded when somebody needs them. */
  readonly caCertificates: readonly QSslCertificate[] | null;
  /** null or empty: the default list. */
  readonly ciphers: readonly QSslCipher[] | null;
  readonly ellipticCurves: readonly QSslEllipticCurve[];
  readonly diffieHellmanParameters: QSslDiffieHellmanParameters;
  readonly preSharedKeyIdentityHint: Buffer;
  readonly dtlsCookieVerificationEnabled: boolean;
  readonly backendConfiguration: ReadonlyMap<string, string>;
  readonly allowedNextProtocols: readonly Buffer[];
  readonly sslOptions: number;
  readonly sessionTicket: Buffer;
  /** Empty for random ones. */
  readonly sessionTicketKeys: Buffer;
  readonly sessionIdContext: Buffer;
  readonly handshakeMustInterruptOnError: boolean;
  readonly missingCertificateIsFatal: boolean;
  readonly ocspStaplingEnabled: boolean;
  /** OpenSSL's names, best first. */
  readonly srtpProfiles: readonly string[];
  /** What was made of these settings. */
  readonly contexts: Contexts;
}

/** The TLS contexts of each side, once they are needed. They live as long as a configuration or an association does. */
export class Contexts {
  client: NativeContext | null = null;
  server: NativeContext | null = null;
  /** Of a server whose listeners choose by name. */
  chooser: NativeContext | null = null;
}

const defaultOptions: number =
  SslOption.SslOptionDisableEmptyFragments |
  SslOption.SslOptionDisableLegacyRenegotiation |
  SslOption.SslOptionDisableCompression |
  SslOption.SslOptionDisableSessionPersistence;

/** What every configuration for DTLS starts from. Qt: QSslConfiguration::defaultDtlsConfiguration */
export function dtlsData(): ConfigurationData {
  return {
    ...emptyData,
    protocol: SslProtocol.DtlsV1_2OrLater,
    caCertificates: null,
    ciphers: null,
    contexts: new Contexts(),
  };
}

/** What `new QSslConfiguration()` holds: nothing that DTLS could work with. */
export const emptyData: ConfigurationData = {
  protocol: SslProtocol.SecureProtocols,
  peerVerifyMode: PeerVerifyMode.AutoVerifyPeer,
  peerVerifyDepth: 0,
  localCertificateChain: [],
  privateKey: new QSslKey(),
  caCertificates: [],
  ciphers: [],
  ellipticCurves: [],
  diffieHellmanParameters: QSslDiffieHellmanParameters.defaultParameters(),
  preSharedKeyIdentityHint: Buffer.alloc(0),
  dtlsCookieVerificationEnabled: true,
  backendConfiguration: new Map(),
  allowedNextProtocols: [],
  sslOptions: defaultOptions,
  sessionTicket: Buffer.alloc(0),
  sessionTicketKeys: Buffer.alloc(0),
  sessionIdContext: Buffer.alloc(0),
  handshakeMustInterruptOnError: false,
  missingCertificateIsFatal: false,
  ocspStaplingEnabled: false,
  srtpProfiles: [],
  contexts: new Contexts(),
};

/** What configurations and objects made from now on start with (in this thread). */
export const defaults = { dtls: dtlsData() };

const fingerprints = new WeakMap<ConfigurationData, string>();

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('base64');
}

/** Wipes what it was given. */
function secretDigest(bytes: Uint8Array): string {
  const text = digest(bytes);
  bytes.fill(0);
  return text;
}

/** The same text for settings that make the same TLS context. Keys go in as digests. */
export function fingerprintOf(data: ConfigurationData): string {
  let fingerprint = fingerprints.get(data);
  if (fingerprint === undefined) {
    fingerprint = JSON.stringify({
      ...data,
      contexts: undefined,
      sessionTicket: undefined, // of one association, where a context is for many
      sessionTicketKeys: secretDigest(Buffer.from(data.sessionTicketKeys)),
      localCertificateChain: data.localCertificateChain.map((certificate) => certificate.fingerprint256()),
      privateKey: secretDigest(data.privateKey.toDer()),
      caCertificates: data.caCertificates?.map((certificate) => certificate.fingerprint256()) ?? null,
      ciphers: data.ciphers?.map((cipher) => cipher.name()) ?? null,
      ellipticCurves: data.ellipticCurves.map((curve) => curve.shortName()),
      diffieHellmanParameters: digest(data.diffieHellmanParameters.toDer()),
      backendConfiguration: [...data.backendConfiguration].sort(),
    });
    fingerprints.set(data, fingerprint);
  }
  return fingerprint;
}

/** Whether two sets of settings say the same. */
export function sameData(a: ConfigurationData, b: ConfigurationData): boolean {
  return a === b || (fingerprintOf(a) === fingerprintOf(b) && a.sessionTicket.equals(b.sessionTicket));
}

/** What a QSslConfiguration holds: its settings, and what came of them in the QDtls it was read from. */
export interface ConfigurationBox {
  data: ConfigurationData;
  /** What the peer sent, leaf first. */
  peerChain: readonly QSslCertificate[];
  nextProtocol: NextProtocol;
  /** Seconds; -1 for none. */
  ticketLifetime: number;
}

const boxes = new WeakMap<object, ConfigurationBox>();

/** Gives a new configuration its content. */
export function fillBox(configuration: object, box: ConfigurationBox): void {
  boxes.set(configuration, box);
}

/** The content of a configuration, out of its users' reach. */
export function boxOf(configuration: object): ConfigurationBox {
  const box = boxes.get(configuration);
  if (box === undefined) throw new TypeError('not a QSslConfiguration');
  return box;
}

/** The settings of a configuration. */
export function dataOf(configuration: object): ConfigurationData {
  return boxOf(configuration).data;
}

/** Changes some settings of one configuration. */
export function change(configuration: object, part: Partial<ConfigurationData>): void {
  const box = boxOf(configuration);
  box.data = { ...box.data, ...part, contexts: new Contexts() };
}
