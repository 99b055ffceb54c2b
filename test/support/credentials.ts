import {
  EncodingFormat,
  KeyAlgorithm,
  PeerVerifyMode,
  QSslCertificate,
  QSslKey,
  type QSslConfiguration,
} from '../../lib';
import { makeAuthority, makeClientCertificate, makeServerCertificate, type IssuedCertificate } from './certificates';
import type { KeyKind } from './keys';
import type { ScratchFiles } from './openssl';
import { configuration, PSK, pskConfiguration } from './pair';

/** What two implementations are given to recognise each other by. */
export interface Credentials {
  readonly server: IssuedCertificate;
  readonly client: IssuedCertificate;
}

/** A server's and a client's certificate below a common root. */
export function makeCredentials(key: KeyKind, clientKey: KeyKind = key): Credentials {
  const root = makeAuthority({ key });
  return { server: makeServerCertificate(root, { key }), client: makeClientCertificate(root, { key: clientKey }) };
}

/** Shows this certificate to the peer. */
export function show(to: QSslConfiguration, { chainPem, keyPem }: IssuedCertificate): void {
  to.setLocalCertificateChain(QSslCertificate.fromData(chainPem, EncodingFormat.Pem));
  to.setPrivateKey(new QSslKey(keyPem, KeyAlgorithm.Opaque));
}

/** Believes the root of this certificate and demands one below it. */
export function demand(of: QSslConfiguration, { rootPem }: IssuedCertificate): void {
  of.setCaCertificates(QSslCertificate.fromData(rootPem, EncodingFormat.Pem));
  of.setPeerVerifyMode(PeerVerifyMode.VerifyPeer);
}

/** HelloVerifyRequest, handshake message 3 (RFC 6347 section 4.3.2), among datagrams. */
export function cookieRequests(datagrams: readonly Buffer[]): number {
  return datagrams.filter((datagram) => datagram[0] === 22 && datagram[13] === 3).length;
}

/** One way to agree on keys, of many. */
export interface InteropCase {
  readonly name: string;
  /** OpenSSL's name of the only suite either side may use. */
  readonly cipher: string;
  /** Absent for a pre-shared key. */
  readonly credentials?: Credentials;
  /** Whether the client shows a certificate and the server demands it. */
  readonly mutual?: boolean;
}

const ecdsa = makeCredentials('ec-p256');
const rsa = makeCredentials('rsa-2048');

/** Every family of suites, with and without the client's certificate. */
export const interopCases: readonly InteropCase[] = [
  { name: 'ECDSA, AES128-GCM', cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256', credentials: ecdsa },
  { name: 'ECDSA, AES256-GCM', cipher: 'ECDHE-ECDSA-AES256-GCM-SHA384', credentials: ecdsa },
  { name: 'ECDSA, CHACHA20', cipher: 'ECDHE-ECDSA-CHACHA20-POLY1305', credentials: ecdsa },
  { name: 'ECDSA, AES128-CCM8', cipher: 'ECDHE-ECDSA-AES128-CCM8', credentials: ecdsa },
  {
    name: 'ECDSA P-384, AES256-GCM',
    cipher: 'ECDHE-ECDSA-AES256-GCM-SHA384',
    credentials: makeCredentials('ec-p384'),
  },
  { name: 'RSA, AES128-GCM', cipher: 'ECDHE-RSA-AES128-GCM-SHA256', credentials: rsa },
  { name: 'RSA, AES256-GCM', cipher: 'ECDHE-RSA-AES256-GCM-SHA384', credentials: rsa },
  { name: 'RSA, CHACHA20', cipher: 'ECDHE-RSA-CHACHA20-POLY1305', credentials: rsa },
  { name: 'RSA, DHE, AES128-GCM', cipher: 'DHE-RSA-AES128-GCM-SHA256', credentials: rsa },
  { name: 'RSA, CBC by explicit choice', cipher: 'ECDHE-RSA-AES128-SHA256', credentials: rsa },
  { name: 'mutual ECDSA', cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256', credentials: ecdsa, mutual: true },
  { name: 'mutual RSA', cipher: 'ECDHE-RSA-AES256-GCM-SHA384', credentials: rsa, mutual: true },
  {
    name: 'mutual, ECDSA server and RSA client',
    cipher: 'ECDHE-ECDSA-CHACHA20-POLY1305',
    credentials: makeCredentials('ec-p256', 'rsa-2048'),
    mutual: true,
  },
  { name: 'PSK, AES128-GCM', cipher: 'PSK-AES128-GCM-SHA256' },
  { name: 'PSK, AES256-GCM', cipher: 'PSK-AES256-GCM-SHA384' },
  { name: 'PSK, CHACHA20', cipher: 'PSK-CHACHA20-POLY1305' },
  { name: 'PSK, AES128-CCM', cipher: 'PSK-AES128-CCM' },
  { name: 'PSK, AES128-CCM8', cipher: 'PSK-AES128-CCM8' },
  { name: 'ECDHE-PSK, CHACHA20', cipher: 'ECDHE-PSK-CHACHA20-POLY1305' },
  { name: 'DHE-PSK, AES128-GCM', cipher: 'DHE-PSK-AES128-GCM-SHA256' },
];

/** Our side of a case. */
export function settingsFor(
  side: 'client' | 'server',
  { cipher, credentials, mutual = false }: InteropCase,
  change: (configuration: QSslConfiguration) => void = () => undefined,
): QSslConfiguration {
  const base = credentials === undefined || (side === 'server' && !mutual) ? pskConfiguration : configuration;
  return base((settings) => {
    settings.setCiphers(cipher);
    if (credentials !== undefined) {
      const theirs = side === 'server' ? credentials.client : credentials.server;
      if (side === 'server' || mutual) show(settings, credentials[side]);
      if (side === 'client' || mutual) demand(settings, theirs);
    }
    change(settings);
  });
}

/** The arguments that make `openssl s_client` or `s_server` the other side of a case. */
export function opensslArguments(side: 'client' | 'server', which: InteropCase, files: ScratchFiles): string[] {
  // CCM8 is below the security level that the command starts with.
  const args = ['-cipher', which.cipher.endsWith('CCM8') ? `${which.cipher}:@SECLEVEL=0` : which.cipher];
  const { credentials, mutual = false } = which;
  if (credentials === undefined) {
    return [...args, ...(side === 'server' ? ['-nocert'] : []), ...opensslPsk];
  }
  if (side === 'server' || mutual) args.push(...showArguments(credentials[side], files));
  if (side === 'client') args.push('-verify_return_error', '-verify_ip', '127.0.0.1');
  else if (mutual) args.push('-Verify', '5', '-verify_return_error');
  return [...args, '-CAfile', files.write('root.pem', credentials.server.rootPem)];
}

/** The identity and key of the tests. */
export const opensslPsk = ['-psk_identity', 'alice', '-psk', PSK.toString('hex')];

/** Makes the command show a certificate and its chain. */
export function showArguments({ certificatePem, chainPem, keyPem }: IssuedCertificate, files: ScratchFiles): string[] {
  const issuers = chainPem.slice(certificatePem.length);
  const chain = issuers === '' ? [] : ['-cert_chain', files.write('issuers.pem', issuers)];
  return ['-cert', files.write('own.pem', certificatePem), '-key', files.write('key.pem', keyPem), ...chain];
}
