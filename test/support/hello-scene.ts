import { QDtlsClientVerifier, QDtlsError, type GeneratorParameters } from '../../lib';
import { MemorySocket } from './memory-socket';
import { CLIENT_ADDRESS, CLIENT_PORT, Pair, type PairOptions } from './pair';

/** Where the hellos of a HelloScene come from, or seem to. */
export interface Sender {
  readonly address?: string;
  readonly port?: number;
}

/** How the client of a HelloScene is set up. */
export interface HelloOptions extends PairOptions {
  readonly mtuHint?: number;
}

/** A verifier with a socket, and the hellos of one client: the first, and those with the cookie. */
export class HelloScene {
  readonly verifier = new QDtlsClientVerifier();
  readonly socket = new MemorySocket();
  /** Its client has answered the cookie request; its server has not begun. */
  readonly pair: Pair;
  readonly firstHello: Buffer;
  /** One datagram, or more where the hello had to be split. */
  readonly secondHellos: readonly Buffer[];
  readonly #sender: Sender;

  constructor(parameters?: GeneratorParameters, sender: Sender = {}, options: HelloOptions = {}) {
    this.#sender = sender;
    this.pair = new Pair(options);
    const { client, clientSocket } = this.pair;
    client.setMtuHint(options.mtuHint ?? 0);
    if (parameters !== undefined) this.verifier.setCookieGeneratorParameters(parameters);
    client.doHandshake(clientSocket);
    const [first, ...rest] = clientSocket.takeAll();
    if (first === undefined) throw new Error(`no hello: ${client.dtlsErrorString()}`);
    this.firstHello = first;
    for (const datagram of [first, ...rest]) this.verify(datagram);
    client.doHandshake(clientSocket, this.socket.take());
    this.secondHellos = clientSocket.takeAll();
  }

  /** The hello with the cookie, or the first part of it. */
  get secondHello(): Buffer {
    const [hello] = this.secondHellos;
    if (hello === undefined) throw new Error('the client did not answer the cookie request');
    return hello;
  }

  /** Whether the verifier takes the datagram as one of the client's, or of another sender. */
  verify(datagram: Buffer, sender: Sender = this.#sender): boolean {
    const { address = CLIENT_ADDRESS, port = CLIENT_PORT } = sender;
    return this.verifier.verifyClient(this.socket, datagram, address, port);
  }

  /** The verifier's error by name. */
  error(): string | undefined {
    return QDtlsError[this.verifier.dtlsError()];
  }
}
