/** What `dtlsError()` of a QDtls or a QDtlsClientVerifier returns. Qt: QDtlsError */
export enum QDtlsError {
  /** The last operation succeeded. */
  NoError = 0,
  /** An argument cannot be used: no socket, an unusable address, an empty datagram where one is needed. */
  InvalidInputParameters = 1,
  /** The operation is not allowed in the present state. */
  InvalidOperation = 2,
  /** The socket refused a datagram. */
  UnderlyingSocketError = 3,
  /** The peer ended the association with close_notify. */
  RemoteClosedConnectionError = 4,
  /** The handshake finished, but the peer's certificate did not pass the checks. */
  PeerVerificationError = 5,
  /** The configuration could not be turned into a working TLS context. */
  TlsInitializationError = 6,
  /** The handshake failed, or a message could not be encrypted; the association cannot go on. */
  TlsFatalError = 7,
  /** A datagram could not be decrypted; the association goes on. */
  TlsNonFatalError = 8,
}
