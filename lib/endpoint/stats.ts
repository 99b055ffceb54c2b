import { illegalConstructor } from './errors';

/** When something happened, in nanoseconds of process.hrtime.bigint(); 0n before. */
export type Moment = bigint;

/** The counters of a session while it lives. */
export class SessionCounters {
  readonly createdAt: Moment = process.hrtime.bigint();
  destroyedAt: Moment = 0n;
  closingAt: Moment = 0n;
  handshakeCompletedAt: Moment = 0n;
  bytesReceived = 0;
  bytesSent = 0;
  messagesReceived = 0;
  messagesSent = 0;
  retransmitCount = 0;
  sendErrors = 0;
}

/** What went through a session. Live until the session is over. node:dtls: DTLSSession.Stats */
export class DTLSSessionStats {
  readonly #counters: SessionCounters;

  /** @internal */
  constructor(counters: SessionCounters) {
    if (!(counters instanceof SessionCounters)) throw illegalConstructor();
    this.#counters = counters;
  }

  /** When the session was made, in nanoseconds of process.hrtime.bigint(). node:dtls: session.stats.createdAt */
  get createdAt(): bigint {
    return this.#counters.createdAt;
  }

  /** When it was over, in nanoseconds; 0n before. node:dtls: session.stats.destroyedAt */
  get destroyedAt(): bigint {
    return this.#counters.destroyedAt;
  }

  /** When close() was called, in nanoseconds; 0n before. node:dtls: session.stats.closingAt */
  get closingAt(): bigint {
    return this.#counters.closingAt;
  }

  /** When the handshake was complete, in nanoseconds; 0n before. node:dtls: session.stats.handshakeCompletedAt */
  get handshakeCompletedAt(): bigint {
    return this.#counters.handshakeCompletedAt;
  }

  /** Bytes of messages received. node:dtls: session.stats.bytesReceived */
  get bytesReceived(): bigint {
    return BigInt(this.#counters.bytesReceived);
  }

  /** Bytes of messages sent. node:dtls: session.stats.bytesSent */
  get bytesSent(): bigint {
    return BigInt(this.#counters.bytesSent);
  }

  /** Messages received. node:dtls: session.stats.messagesReceived */
  get messagesReceived(): bigint {
    return BigInt(this.#counters.messagesReceived);
  }

  /** Messages sent. node:dtls: session.stats.messagesSent */
  get messagesSent(): bigint {
    return BigInt(this.#counters.messagesSent);
  }

  /** Flights of the handshake sent again. node:dtls: session.stats.retransmitCount */
  get retransmitCount(): bigint {
    return BigInt(this.#counters.retransmitCount);
  }

  /**
   * Datagrams that the socket refused. Of messages that were sent without a callback through a socket of the endpoint's own,
   * every 16th is asked about, one after a tenth of a second, and each one after a refusal. Extension.
   */
  get sendErrors(): bigint {
    return BigInt(this.#counters.sendErrors);
  }

  /** Whether the session lives, and these numbers with it. node:dtls: session.stats.isConnected */
  get isConnected(): boolean {
    return this.#counters.destroyedAt === 0n;
  }
}

/** The counters of an endpoint while it lives. */
export class EndpointCounters {
  readonly createdAt: Moment = process.hrtime.bigint();
  destroyedAt: Moment = 0n;
  bytesReceived = 0;
  bytesSent = 0;
  packetsReceived = 0;
  packetsSent = 0;
  serverSessions = 0;
  clientSessions = 0;
  serverBusyCount = 0;
  serverRejectedCount = 0;
  serverRefusedCount = 0;
  foreignCount = 0;
  queueDropCount = 0;
  handshakeFailureCount = 0;
}

/** What went through an endpoint. Live until the endpoint is over. node:dtls: DTLSEndpoint.Stats */
export class DTLSEndpointStats {
  readonly #counters: EndpointCounters;

  /** @internal */
  constructor(counters: EndpointCounters) {
    if (!(counters instanceof EndpointCounters)) throw illegalConstructor();
    this.#counters = counters;
  }

  /** When the endpoint was made, in nanoseconds of process.hrtime.bigint(). node:dtls: endpoint.stats.createdAt */
  get createdAt(): bigint {
    return this.#counters.createdAt;
  }

  /** When it was over, in nanoseconds; 0n before. node:dtls: endpoint.stats.destroyedAt */
  get destroyedAt(): bigint {
    return this.#counters.destroyedAt;
  }

  /** Bytes received, as UDP payload. node:dtls: endpoint.stats.bytesReceived */
  get bytesReceived(): bigint {
    return BigInt(this.#counters.bytesReceived);
  }

  /** Bytes sent, as UDP payload. node:dtls: endpoint.stats.bytesSent */
  get bytesSent(): bigint {
    return BigInt(this.#counters.bytesSent);
  }

  /** Datagrams received. node:dtls: endpoint.stats.packetsReceived */
  get packetsReceived(): bigint {
    return BigInt(this.#counters.packetsReceived);
  }

  /** Datagrams sent. node:dtls: endpoint.stats.packetsSent */
  get packetsSent(): bigint {
    return BigInt(this.#counters.packetsSent);
  }

  /** Sessions that clients began. node:dtls: endpoint.stats.serverSessions */
  get serverSessions(): bigint {
    return BigInt(this.#counters.serverSessions);
  }

  /** Sessions that this side began. node:dtls: endpoint.stats.clientSessions */
  get clientSessions(): bigint {
    return BigInt(this.#counters.clientSessions);
  }

  /** Verified hellos dropped while `busy`. node:dtls: endpoint.stats.serverBusyCount */
  get serverBusyCount(): bigint {
    return BigInt(this.#counters.serverBusyCount);
  }

  /** Datagrams that are of no session and cannot be a hello. node:dtls: endpoint.stats.serverRejectedCount */
  get serverRejectedCount(): bigint {
    return BigInt(this.#counters.serverRejectedCount);
  }

  /** Verified hellos dropped because of maxSessions or maxSessionsPerHost. node:dtls: endpoint.stats.serverRefusedCount */
  get serverRefusedCount(): bigint {
    return BigInt(this.#counters.serverRefusedCount);
  }

  /** Datagrams that are not DTLS, handed on or not. Extension. */
  get foreignCount(): bigint {
    return BigInt(this.#counters.foreignCount);
  }

  /** Handshake datagrams dropped because too many waited for their turn. Extension. */
  get queueDropCount(): bigint {
    return BigInt(this.#counters.queueDropCount);
  }

  /** Handshakes that failed. Extension. */
  get handshakeFailureCount(): bigint {
    return BigInt(this.#counters.handshakeFailureCount);
  }

  /** Whether the endpoint lives, and these numbers with it. node:dtls: endpoint.stats.isConnected */
  get isConnected(): boolean {
    return this.#counters.destroyedAt === 0n;
  }
}
