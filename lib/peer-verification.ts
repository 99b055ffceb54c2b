import { mayBeBlacklisted } from './certificate-blacklist';
import { matchesHostName, presentedNames } from './hostname-check';
import type { NativeConnection } from './internal/native-types';
import { QSslCertificate } from './qsslcertificate';
import { QSslError, SslError } from './qsslerror';
import { PeerVerifyMode, SslMode } from './qsslsocket';
import { sslErrorOf } from './x509-errors';

/** What is known about the peer when the TLS handshake has ended. */
export interface PeerEvidence {
  readonly mode: SslMode;
  /** The name the peer's certificate must be good for (clients only). */
  readonly name: string;
  readonly connection: Pick<NativeConnection, 'peerCertificates' | 'verification' | 'checkHost' | 'checkIp'>;
}

/** Whether this side checks the certificate of the other: AutoVerifyPeer means VerifyPeer for a client only. */
export function checksPeer(verifyMode: PeerVerifyMode, mode: SslMode): boolean {
  return (
    verifyMode === PeerVerifyMode.VerifyPeer ||
    (verifyMode === PeerVerifyMode.AutoVerifyPeer && mode === SslMode.SslClientMode)
  );
}

/** The certificates that the peer sent, leaf first. To decode one costs as much as checking it, so that waits. */
class PeerChain {
  readonly #encodings: readonly Buffer[];
  readonly #decoded = new Map<number, QSslCertificate>();

  constructor(encodings: readonly Buffer[]) {
    this.#encodings = encodings;
  }

  get isEmpty(): boolean {
    return this.#encodings.length === 0;
  }

  /** Undefined past the end. */
  at(index: number): QSslCertificate | undefined {
    const encoding = this.#encodings[index];
    if (encoding === undefined) return undefined;
    const certificate = this.#decoded.get(index) ?? QSslCertificate.fromDecoded(encoding);
    this.#decoded.set(index, certificate);
    return certificate;
  }

  blacklisted(): QSslCertificate[] {
    return this.#encodings.flatMap((encoding, index) => {
      const certificate = mayBeBlacklisted(encoding) ? this.at(index) : undefined;
      return certificate?.isBlacklisted() === true ? [certificate] : [];
    });
  }
}

/** Everything wrong with the peer, in Qt's order: blacklisted certificates, the name, then the chain. */
export function verifyPeer({ mode, name, connection }: PeerEvidence): QSslError[] {
  const chain = new PeerChain(connection.peerCertificates());
  const errors = chain.blacklisted().map((certificate) => new QSslError(SslError.CertificateBlacklisted, certificate));
  const names = {
    checkHost: connection.checkHost.bind(connection),
    checkIp: connection.checkIp.bind(connection),
    presented: () => presentedNames(chain.at(0)),
  };
  if (chain.isEmpty) {
    errors.push(new QSslError(SslError.NoPeerCertificate));
  } else if (mode === SslMode.SslClientMode && !matchesHostName(names, name)) {
    errors.push(new QSslError(SslError.HostNameMismatch, chain.at(0)));
  }
  const records = connection.verification();
  for (let i = 0; i < records.length; i += 2) {
    const [code = 0, depth = 0] = records.slice(i, i + 2);
    errors.push(new QSslError(sslErrorOf(code), chain.at(depth)));
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
