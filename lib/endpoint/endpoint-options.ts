import { invalidArgumentType, invalidArgumentValue } from '../argument-errors';
import { PeerVerifyMode } from '../qsslsocket';
import type { HandshakePolicy, VerifyPeer } from './association';
import { KeyLogFile } from './key-log-file';
import type { OptionReader } from './option-reader';
import type { ContextSettings } from './secure-context';
import type { DatagramTransport, Transport } from './transport';
import { whenKnown } from './when-known';

/** What listen() and connect() have in common. node:dtls: dtls.listen(), dtls.connect() */
export interface CommonOptions {
  /** Bytes of the largest handshake datagram, 256 to 65535. Default: 1200. */
  readonly mtu?: number;
  /** Milliseconds that a handshake may take; 0: for ever. Default: 60000. */
  readonly handshakeTimeout?: number;
  /** Milliseconds until a flight is repeated: first after `initial` (20 to 60000, default 1000), then twice as late each time, up to `maximum` (default 60000). Extension. */
  readonly retransmission?: { readonly initial?: number; readonly maximum?: number };
  /** Milliseconds without a message from the peer after which a session is closed; 0: never (the default). Extension. */
  readonly idleTimeout?: number;
  /** Decides about peers that were asked for a certificate, at once or by a promise, instead of `rejectUnauthorized`. Extension. */
  readonly verifyPeer?: VerifyPeer;
  /**
   * Whether an alert in the handshake, which nobody signs and anybody can forge, ends it at once. Default: false: it is named in
   * the `cause` of the timeout. Extension. Source: RFC 6347 section 4.1.2.7
   */
  readonly obeyAlerts?: boolean;
  /** A bound socket of yours, which stays yours: a dgram.Socket, or anything that behaves like one. Extension. */
  readonly socket?: DatagramTransport;
  /** File to append the secrets of all sessions to, in the format of SSLKEYLOGFILE. For debugging. Extension. */
  readonly keyLogFile?: string;
  /** Bytes of the socket's receive buffer. Default: the system's. */
  readonly udpReceiveBufferSize?: number;
  /** Bytes of the socket's send buffer. Default: the system's. */
  readonly udpSendBufferSize?: number;
  /** Hops that a datagram may take, 1 to 255. Default: the system's. */
  readonly udpTTL?: number;
}

const LARGEST = 0x7fff_ffff;

/** Reads how handshakes go. */
export function readPolicy(options: OptionReader, context: ContextSettings): HandshakePolicy {
  const decide = options.callable('verifyPeer');
  if (decide !== null && context.isServer && context.configuration.peerVerifyMode() === PeerVerifyMode.VerifyNone) {
    throw invalidArgumentValue(options.nameOf('verifyPeer'), 'given with requestCert only: nobody is asked otherwise', decide);
  }
  return {
    mtu: options.integer('mtu', { min: 256, max: 65535 }) ?? 1200,
    handshakeTimeout: options.count('handshakeTimeout', 60_000),
    retransmission: readRetransmission(options),
    obeysAlerts: options.boolean('obeyAlerts', false),
    rejectUnauthorized: context.rejectUnauthorized,
    verifyPeer: decide === null ? null : verdictOf(decide, options.nameOf('verifyPeer')),
    answerPsk: context.answerPsk,
    chooseIdentity: context.chooseIdentity,
  };
}

/** Anything but true and false is a mistake, not a verdict. */
function verdictOf(decide: (...values: readonly unknown[]) => unknown, name: string): VerifyPeer {
  const checked = (verdict: unknown): boolean => {
    if (typeof verdict === 'boolean') return verdict;
    throw invalidArgumentType(`the result of ${name}`, 'a boolean, or a promise of one', verdict);
  };
  return (certificate, errors) => {
    const answer = { verdict: false };
    const later = whenKnown(decide(certificate, errors), (verdict) => {
      answer.verdict = checked(verdict);
    });
    return later === undefined ? answer.verdict : later.then(() => answer.verdict);
  };
}

function readRetransmission(options: OptionReader): HandshakePolicy['retransmission'] {
  const timeouts = options.nested('retransmission');
  if (timeouts === null) return null;
  const initial = timeouts.integer('initial', { min: 20, max: 60_000 }) ?? 1000;
  const maximum = timeouts.integer('maximum', { min: initial, max: 60_000 }) ?? 60_000;
  timeouts.finish();
  return { initial, maximum };
}

/** Reads `socket`. */
export function readSocket(options: OptionReader): DatagramTransport | null {
  const socket = options.take('socket');
  if (socket === undefined) return null;
  if (isTransport(socket)) return socket;
  const expectation = 'an object with the methods send, on and off, such as a dgram.Socket';
  throw invalidArgumentType(options.nameOf('socket'), expectation, socket);
}

function isTransport(value: unknown): value is DatagramTransport {
  if (typeof value !== 'object' || value === null) return false;
  return ['send', 'on', 'off'].every((name) => name in value && typeof Reflect.get(value, name) === 'function');
}

/** Throws for options of a socket of our own when there is one of the user's. */
export function refuseWithSocket(options: OptionReader, names: readonly string[]): void {
  const given = names.find((name) => options.has(name));
  if (given === undefined) return;
  throw invalidArgumentValue(options.nameOf(given), `absent: ${options.nameOf('socket')} is yours to set up`, options.take(given));
}

/** Reads the sizes and the TTL of a socket of our own. */
export function readUdp(options: OptionReader): {
  receiveBufferSize: number | null;
  sendBufferSize: number | null;
  ttl: number | null;
} {
  return {
    receiveBufferSize: options.integer('udpReceiveBufferSize', { min: 1, max: LARGEST }),
    sendBufferSize: options.integer('udpSendBufferSize', { min: 1, max: LARGEST }),
    ttl: options.integer('udpTTL', { min: 1, max: 255 }),
  };
}

/** Opens the file of `keyLogFile`, when everything else has been done. If that fails, lets go of the transport. */
export function openKeyLog(path: string | null, transport: Transport | null): KeyLogFile | null {
  try {
    return path === null ? null : new KeyLogFile(path);
  } catch (error) {
    void transport?.close();
    throw error;
  }
}
