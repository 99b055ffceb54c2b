import { matchesHostName, presentedNames } from './hostname-check';
import type { NativeConnection } from './internal/native-types';
import type { Standing } from './internal/outcome';
import { QSslCertificate } from './qsslcertificate';
import { QSslError, SslError } from './qsslerror';
import { PeerVerifyMode, SslMode } from './qsslsocket';
import { sslErrorOf } from './x509-errors';

type PeerConnection = Pick<
  NativeConnection,
  'peerCertificates' | 'verification' | 'checkHost' | 'checkIp'
>;

/** What is known about the peer when the TLS handshake has ended. */
export interface PeerEvidence {
  readonly mode: SslMode;
  /** The name the peer's certificate must be good for (clients only). */
  readonly name: string;
  readonly connection: PeerConnection;
  readonly standing: Pick<Standing, 'hasPeer' | 'complaints' | 'isWatched'>;
}

/** Whether this side checks the certificate of the other: AutoVerifyPeer means VerifyPeer for a client only. */
export function checksPeer(verifyMode: PeerVerifyMode, mode: SslMode): boolean {
  return (
    verifyMode === PeerVerifyMode.VerifyPeer ||
    (verifyMode === PeerVerifyMode.AutoVerifyPeer && mode === SslMode.SslClientMode)
  );
}

/** Everything wrong with the peer, in Qt's order: blacklisted certificates, the name, then the chain. */
export function verifyPeer({ mode, name, connection, standing }: PeerEvidence): QSslError[] {
  let decoded: readonly QSslCertificate[] | null = null;
  // Leaf first. To decode a certificate costs as much as checking it, so that waits until something is wrong.
  const chain = (): readonly QSslCertificate[] =>
    (decoded ??= connection.peerCertificates().map((encoding) => QSslCertificate.fromDecoded(encoding)));
  const errors: QSslError[] = [];
  // Few serial numbers are on the blacklist: what is watched is looked at closely.
  const suspects = standing.isWatched ? chain().filter((certificate) => certificate.isBlacklisted()) : [];
  for (const certificate of suspects) errors.push(new QSslError(SslError.CertificateBlacklisted, certificate));
  if (standing.hasPeer) {
    const presented = (): readonly string[] => presentedNames(chain()[0]);
    if (mode === SslMode.SslClientMode && !matchesHostName(connection, presented, name)) {
      errors.push(new QSslError(SslError.HostNameMismatch, chain()[0]));
    }
  } else {
    errors.push(new QSslError(SslError.NoPeerCertificate));
  }
  const records = standing.complaints === 0 ? [] : connection.verification();
  for (let i = 0; i < records.length; i += 2) {
    const [code = 0, depth = 0] = records.slice(i, i + 2);
    errors.push(new QSslError(sslErrorOf(code), chain()[depth]));
  }
  return errors;
}

/**
 * Whether the list of errors to ignore covers every error there is: it must not be empty, and an entry covers only
 * the error with the same code and the same certificate. Qt: QDtlsPrivateOpenSSL::verificationErrorsIgnored
 */
export function allIgnored(errors: readonly QSslError[], ignored: readonly QSslError[]): boolean {
  return ignored.length > 0 && errors.every((error) => ignored.some((entry) => entry.equals(error)));
}
