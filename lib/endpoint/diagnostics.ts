import { channel } from 'node:diagnostics_channel';
import type { DTLSEndpoint } from './endpoint';
import type { DTLSSession } from './session';

/**
 * What is published on `diagnostics_channel`, each under `qdtls.` and its name:
 *
 *   handshake.start { endpoint, session }
 *   handshake.end { endpoint, session }             the session is open
 *   handshake.failure { endpoint, session, error }
 *   session.end { endpoint, session, error }        an open session is over; `error` is null after a goodbye
 *   retransmit { endpoint, session }                a flight is sent again
 *   drop { endpoint, reason, bytes, address, port } a datagram without effect
 */
export const channels = {
  handshakeStart: channel('qdtls.handshake.start'),
  handshakeEnd: channel('qdtls.handshake.end'),
  handshakeFailure: channel('qdtls.handshake.failure'),
  sessionEnd: channel('qdtls.session.end'),
  retransmit: channel('qdtls.retransmit'),
  drop: channel('qdtls.drop'),
};

/** What the channels about sessions carry. Extension. */
export interface SessionMessage {
  /** Whose session it is. */
  readonly endpoint: DTLSEndpoint;
  /** Whose handshake or end it is. */
  readonly session: DTLSSession;
  /** Why it failed or ended; null after a goodbye, absent where nothing has ended. */
  readonly error?: Error | null;
}

/** Why a datagram had no effect. Extension. */
export type DropReason =
  /** Not DTLS, and nobody listens for that. */
  | 'foreign'
  /** Of no session, and no hello. */
  | 'unknown'
  /** A hello while the endpoint is busy. */
  | 'busy'
  /** A hello of another attempt while one of that address has just begun: the client repeats it. */
  | 'early'
  /** A hello above maxSessions or maxSessionsPerHost. */
  | 'refused'
  /** A handshake datagram when too many wait for their turn. */
  | 'queue';

/** What the channel `qdtls.drop` carries. Extension. */
export interface DropMessage {
  /** Which got the datagram. */
  readonly endpoint: DTLSEndpoint;
  /** Why it had no effect. */
  readonly reason: DropReason;
  /** How long it was, in bytes of UDP payload. */
  readonly bytes: number;
  /** Where it said that it came from: an IP literal. Anybody can forge that. */
  readonly address: string;
  /** The port, likewise. */
  readonly port: number;
}
