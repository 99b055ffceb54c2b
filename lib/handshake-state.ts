/** Where the handshake of a QDtls stands. Qt: QDtls::HandshakeState */
export enum HandshakeState {
  /** Nothing has begun, or an association has ended: by shutdown, abort, the peer or a fatal error. */
  HandshakeNotStarted = 0,
  /** Flights are being exchanged. */
  HandshakeInProgress = 1,
  /** The peer took part correctly, but its certificate did not pass: resumeHandshake() or abortHandshake(). */
  PeerVerificationFailed = 2,
  /** Application data can be exchanged. */
  HandshakeComplete = 3,
}
