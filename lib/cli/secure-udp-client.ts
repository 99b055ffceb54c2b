import type { Socket } from 'node:dgram';
import { EventEmitter } from 'node:events';
import { type QSslConfiguration, SslMode } from '../index';
import { Association, type EndReason } from './association';
import type { AssociationStatus } from './association-status';
import { describeRemote } from './describe';
import { messageOf } from './error-text';
import { dataEntry, logEntry, type LogEvents, type LogLevel } from './log';
import type { HandshakeOptions } from './options';
import { answerAsClient, type PreSharedKey } from './psk';
import type { Remote } from './remote';
import { bind, closeAfterSending, connect, createUdpSocket } from './socket';

/** Milliseconds that the answers to the last pings may take. */
const ANSWER_TIME = 2000;

export interface SecureUdpClientOptions extends HandshakeOptions {
  /**
   * How the connection is called in logs and pings, and the identity that goes with the key unless it has
   * one.
   */
  readonly name: string;
  readonly remote: Remote;
  /** The name the server's certificate must be for, or ''. */
  readonly verificationName: string;
  readonly configuration: QSslConfiguration;
  /** Null when certificates alone decide. */
  readonly psk: PreSharedKey | null;
  /** Milliseconds between two pings. */
  readonly pingInterval: number;
  /** What each ping says; null: the name and the number of the ping. */
  readonly message: string | null;
  /** Pings to send; null: until closed. */
  readonly count: number | null;
  /** Local port, 0 for any free one. */
  readonly localPort: number;
}

/** What became of one connection. */
export interface ClientSummary {
  readonly name: string;
  readonly state: 'connecting' | 'encrypted' | EndReason;
  /** Cipher and protocol, '' when the handshake was never complete. */
  readonly session: string;
  readonly pingsSent: number;
  /** Messages received that end in ACK. */
  readonly acknowledged: number;
  /** Messages received, whatever they say. */
  readonly answers: number;
}

interface SecureUdpClientEvents extends LogEvents {
  /** The summary changed. */
  changed: [];
}

/**
 * One connection of Qt's secureudpclient example without its window: a handshake over an own connected UDP
 * socket, then a ping at once and one at every interval.
 */
export class SecureUdpClient extends EventEmitter<SecureUdpClientEvents> {
  readonly #options: SecureUdpClientOptions;
  readonly #socket: Socket;
  readonly #association: Association;
  #closing: Promise<void> | null = null;
  #pingTimer: NodeJS.Timeout | null = null;
  #answerTimer: NodeJS.Timeout | null = null;
  #gaveUp = false;
  #state: ClientSummary['state'] = 'connecting';
  #session = '';
  #pingsSent = 0;
  #acknowledged = 0;
  #answers = 0;

  constructor(options: SecureUdpClientOptions) {
    super();
    this.#options = options;
    this.#socket = createUdpSocket(options.remote.address);
    this.#association = new Association({ ...options, mode: SslMode.SslClientMode, socket: this.#socket });
    this.#association.on('log', (level, text) => this.#log(level, text));
    this.#association.on('encrypted', () => this.#startPinging());
    this.#association.on('message', (message) => this.#receive(message));
    this.#association.on('ended', (reason) => this.#finish(reason));
    const { psk, name } = options;
    if (psk === null) return;
    this.#association.on('pskRequired', (authenticator) => {
      this.#log('info', answerAsClient(authenticator, psk, name));
    });
  }

  /** Whom it connects to. */
  get remote(): Remote {
    return this.#options.remote;
  }

  summary(): ClientSummary {
    return {
      name: this.#options.name,
      state: this.#state,
      session: this.#session,
      pingsSent: this.#pingsSent,
      acknowledged: this.#acknowledged,
      answers: this.#answers,
    };
  }

  /** How its association stands; also when it is over. */
  status(): AssociationStatus {
    return this.#association.status();
  }

  /**
   * Whether nothing more will come: the connection is over, or all pings are sent and answered or given up.
   */
  get done(): boolean {
    if (this.#state !== 'connecting' && this.#state !== 'encrypted') return true;
    return this.#answerTimer !== null && (this.#answers >= this.#pingsSent || this.#gaveUp);
  }

  /**
   * Connects the socket and sends the first ClientHello. What goes wrong is logged and ends the connection.
   */
  async start(): Promise<void> {
    const { remote, localPort } = this.#options;
    try {
      await bind(this.#socket, localPort);
      await connect(this.#socket, remote.port, remote.address);
    } catch (error) {
      this.#log('error', `cannot connect to ${describeRemote(remote)}: ${messageOf(error)}`);
      this.#association.close();
      return;
    }
    if (this.#closing !== null) return;
    this.#socket.on('message', (datagram) => this.#association.receive(datagram));
    this.#socket.on('error', (error) => this.#log('warning', `the socket reports: ${error.message}`));
    this.#log('info', `handshake with ${describeRemote(remote)} starts`);
    this.#association.start();
  }

  /**
   * Sends no more pings, and is {@link done} when those sent are answered, or the answers are late.
   */
  finish(): void {
    this.#stopPinging();
    this.#answerTimer ??= setTimeout(() => {
      this.#gaveUp = true;
      this.emit('changed');
    }, ANSWER_TIME);
    this.emit('changed');
  }

  /** Sends close_notify when encrypted, and closes the socket. */
  close(): Promise<void> {
    this.#association.close();
    this.#closing ??= closeAfterSending(this.#socket);
    return this.#closing;
  }

  #stopPinging(): void {
    clearInterval(this.#pingTimer ?? undefined);
    this.#pingTimer = null;
  }

  #startPinging(): void {
    this.#state = 'encrypted';
    this.#session = this.#association.session;
    this.emit('changed');
    this.#pingTimer = setInterval(() => this.#ping(), this.#options.pingInterval);
    this.#ping();
  }

  #ping(): void {
    const { name, message, count } = this.#options;
    const ping = Buffer.from(message ?? `Hello, this is ${name}, please acknowledge ping ${this.#pingsSent}`);
    if (!this.#association.send(ping)) {
      this.#stopPinging();
      return;
    }
    this.#pingsSent += 1;
    this.emit('data', dataEntry('sent', name, ping));
    if (this.#pingsSent === count) this.finish();
    else this.emit('changed');
  }

  #receive(message: Buffer): void {
    this.#answers += 1;
    if (message.toString('latin1').trimEnd().endsWith('ACK')) this.#acknowledged += 1;
    this.emit('data', dataEntry('received', this.#options.name, message));
    this.emit('changed');
  }

  #finish(reason: EndReason): void {
    this.#stopPinging();
    clearTimeout(this.#answerTimer ?? undefined);
    this.#state = reason;
    void this.close();
    this.emit('changed');
  }

  #log(level: LogLevel, text: string): void {
    this.emit('log', logEntry(level, this.#options.name, text));
  }
}
