import {
  EncodingFormat,
  HandshakeState,
  KeyAlgorithm,
  PeerVerifyMode,
  QDtlsError,
  QSslCertificate,
  QSslKey,
  type QDtls,
  type QSslConfiguration,
} from '../../lib';
import { issueCertificate, type IssuedCertificate } from './certificates';
import { configuration, Pair, pskConfiguration } from './pair';

/** The name that the certificates of the tests are good for. */
export const SERVER_NAME = 'localhost';

/** State and error of an association by name, for assertions that can be read. */
export interface Status {
  readonly state: keyof typeof HandshakeState;
  readonly error: keyof typeof QDtlsError;
}

/** Where an association stands, and what its last operation had to say. */
export function statusOf(dtls: QDtls): Record<keyof Status, string | undefined> {
  return { state: HandshakeState[dtls.handshakeState()], error: QDtlsError[dtls.dtlsError()] };
}

/** A self-signed certificate for `localhost`, 127.0.0.1 and ::1. */
export function selfSigned(): IssuedCertificate {
  return issueCertificate({ dnsNames: [SERVER_NAME], ipAddresses: ['127.0.0.1', '::1'] });
}

export function certificateOf(issued: IssuedCertificate): QSslCertificate {
  return new QSslCertificate(issued.certificateDer, EncodingFormat.Der);
}

/** Shows the peer this certificate, and asks it for none. */
export function showing(issued: IssuedCertificate): QSslConfiguration {
  return pskConfiguration((server) => {
    server.setLocalCertificateChain(QSslCertificate.fromData(issued.chainPem, EncodingFormat.Pem));
    server.setPrivateKey(new QSslKey(issued.keyPem, KeyAlgorithm.Ec));
  });
}

/** Verifies the peer, and believes these certificates only. */
export function trusting(...issued: readonly IssuedCertificate[]): QSslConfiguration {
  return configuration((client) => {
    client.setPeerVerifyMode(PeerVerifyMode.VerifyPeer);
    client.setCaCertificates(issued.map(certificateOf));
  });
}

/** The configuration without the cookie exchange. */
export function withoutCookies(settings: QSslConfiguration): QSslConfiguration {
  settings.setDtlsCookieVerificationEnabled(false);
  return settings;
}

/** Brings a new pair, by pre-shared key or certificate, to where its client is in the state. */
export const stages = {
  HandshakeNotStarted: (): Pair => new Pair(),
  HandshakeInProgress: (): Pair => {
    const pair = new Pair();
    pair.start();
    return pair;
  },
  PeerVerificationFailed: (): Pair => new Pair({ client: trusting(), server: showing(selfSigned()) }).run(),
  HandshakeComplete: (): Pair => new Pair().run(),
} satisfies Record<keyof typeof HandshakeState, () => Pair>;
