import { HandshakeQueue } from './handshake-queue';

/** Handshake datagrams that may wait for their turn; more are dropped, and repeated by their senders. */
const MOST_WAITING = 8192;

/** One for all endpoints of a thread: a handshake step delays everything else in it, whichever endpoint it is for. */
export const turns = new HandshakeQueue(MOST_WAITING);
