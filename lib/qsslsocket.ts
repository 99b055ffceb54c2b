/** Which side of an association an object plays. Qt: QSslSocket::SslMode */
export enum SslMode {
  /** No encryption. A QDtls cannot work in this mode. */
  UnencryptedMode = 0,
  /** The side that starts the handshake. */
  SslClientMode = 1,
  /** The side that answers it. */
  SslServerMode = 2,
}

/** How strictly the certificate of the peer is examined. Qt: QSslSocket::PeerVerifyMode */
export enum PeerVerifyMode {
  /** No certificate is asked for, and none is examined. */
  VerifyNone = 0,
  /** A certificate is asked for and stored; whatever is wrong with it is ignored. */
  QueryPeer = 1,
  /** A valid certificate is required. */
  VerifyPeer = 2,
  /** VerifyPeer for a client, QueryPeer for a server. */
  AutoVerifyPeer = 3,
}

/**
 * The enums that Qt declares in class QSslSocket, and their values.
 *
 * Differs from Qt: nothing else of QSslSocket is here; Node's own `node:tls` speaks TLS over TCP.
 * Qt: QSslSocket
 */
export const QSslSocket = Object.freeze({
  SslMode,
  UnencryptedMode: SslMode.UnencryptedMode,
  SslClientMode: SslMode.SslClientMode,
  SslServerMode: SslMode.SslServerMode,

  PeerVerifyMode,
  VerifyNone: PeerVerifyMode.VerifyNone,
  QueryPeer: PeerVerifyMode.QueryPeer,
  VerifyPeer: PeerVerifyMode.VerifyPeer,
  AutoVerifyPeer: PeerVerifyMode.AutoVerifyPeer,
});
