import { SslError, type QDtls, type QSslConfiguration, type QSslError } from '../../lib';
import { Pair, type PairOptions } from './pair';
import { statusOf } from './stages';

/** State and verification errors of an association, by name. */
export interface Verdict {
  readonly state: string | undefined;
  readonly errors: readonly (string | undefined)[];
}

/** Why a certificate was not believed, by name, in order. */
export function errorNames(errors: readonly QSslError[]): (string | undefined)[] {
  return errors.map((error) => SslError[error.error()]);
}

/** Where an association stands, and what is wrong with its peer. */
export function verdictOf(dtls: QDtls): Verdict {
  return { state: statusOf(dtls).state, errors: errorNames(dtls.peerVerificationErrors()) };
}

/** What verdictOf() says when nothing is wrong. */
export const believed: Verdict = { state: 'HandshakeComplete', errors: [] };

/** What verdictOf() says when something is wrong. */
export function disbelieved(...errors: readonly (keyof typeof SslError)[]): Verdict {
  return { state: 'PeerVerificationFailed', errors };
}

/** Runs a handshake by certificates: nobody has a pre-shared key. */
export function runWithCertificates(client: QSslConfiguration, server: QSslConfiguration, name = ''): Pair {
  return certificatePair({ client, server, name }).run();
}

/** A pair that cannot use a pre-shared key. */
export function certificatePair(options: PairOptions): Pair {
  return new Pair({ ...options, psk: false });
}
