import { matchesHostName } from './hostname-check';
import type { QSslCertificate } from './qsslcertificate';
import { QSslError, SslError } from './qsslerror';
import { PeerVerifyMode, SslMode } from './qsslsocket';
import { sslErrorOf } from './x509-errors';

/** What is known about the peer when the TLS handshake has ended. */
export interface PeerEvidence {
  readonly mode: SslMode;
  /** The name the peer's certificate must be good for (clients only). */
  readonly name: string;
  /** As sent, leaf first. */
  readonly chain: readonly QSslCertificate[];
  /** X509_V_ERR code, depth, code, depth ... in the order of OpenSSL's callbacks. */
  readonly records: readonly number[];
}

/** Whether this side checks the certificate of the other: AutoVerifyPeer means VerifyPeer for a client only. */
export function checksPeer(verifyMode: PeerVerifyMode, mode: SslMode): boolean {
  return (
    verifyMode === PeerVerifyMode.VerifyPeer ||
    (verifyMode === PeerVerifyMode.AutoVerifyPeer && mode === SslMode.SslClientMode)
  );
}

/** Everything wrong with the peer, in Qt's order: blacklisted certificates, the name, then the chain. */
export function verifyPeer(evidence: PeerEvidence): QSslError[] {
  const { chain } = evidence;
  const errors = chain
    .filter((certificate) => certificate.isBlacklisted())
    .map((certificate) => new QSslError(SslError.CertificateBlacklisted, certificate));
  const [leaf] = chain;
  if (leaf === undefined) {
    errors.push(new QSslError(SslError.NoPeerCertificate));
  } else if (evidence.mode === SslMode.SslClientMode && !matchesHostName(leaf, evidence.name)) {
    errors.push(new QSslError(SslError.HostNameMismatch, leaf));
  }
  for (let i = 0; i < evidence.records.length; i += 2) {
    const [code = 0, depth = 0] = evidence.records.slice(i, i + 2);
    errors.push(new QSslError(sslErrorOf(code), chain[depth]));
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
