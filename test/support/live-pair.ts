import { HandshakeState, type QDtls, type SendCallback } from '../../lib';
import { MemorySocket } from './memory-socket';
import { CLIENT_ADDRESS, CLIENT_PORT, Pair, type PairOptions } from './pair';
import { statusOf } from './stages';
import { Watch } from './watch';

type Rest = readonly [SendCallback] | readonly [number, string, SendCallback];

/** Says when something was sent. */
class RestlessSocket extends MemorySocket {
  onSent: () => void = () => undefined;

  override send(datagram: Uint8Array, ...rest: Rest): void {
    super.send(datagram, ...rest);
    this.onSent();
  }
}

/** A pair that runs by itself: datagrams arrive in the next turn of the event loop, and flights are repeated when due. */
export class LivePair extends Pair {
  override readonly clientSocket = new RestlessSocket();
  override readonly serverSocket = new RestlessSocket();
  /** How often each side was told to repeat its flight. */
  readonly timeouts = { client: 0, server: 0 };
  /** What a datagram's reader threw. */
  readonly thrown: unknown[] = [];
  readonly #watch = new Watch();
  #isCarrying = false;
  #isServed = false;

  constructor(options: PairOptions = {}) {
    super(options);
    for (const socket of [this.clientSocket, this.serverSocket]) socket.onSent = () => this.#carrySoon();
    for (const side of ['client', 'server'] as const) {
      this[side].on('handshakeStateChanged', () => this.#watch.notify());
      this[side].on('handshakeTimeout', () => {
        this.timeouts[side] += 1;
        this[side].handleTimeout(side === 'client' ? this.clientSocket : this.serverSocket);
      });
    }
  }

  /** Resolves when both sides are encrypted. */
  encrypted(): Promise<void> {
    return this.until(() => this.client.isConnectionEncrypted() && this.server.isConnectionEncrypted());
  }

  /** Resolves when a side's handshake is over, well or not. */
  async over(side: 'client' | 'server'): Promise<void> {
    await this.until(() => this[side].handshakeState() === HandshakeState.HandshakeInProgress);
    await this.until(() => this[side].handshakeState() !== HandshakeState.HandshakeInProgress);
  }

  /** Resolves when the condition holds; it is looked at whenever datagrams were carried or a state has changed. */
  until(condition: () => boolean): Promise<void> {
    return this.#watch.until(condition, () => JSON.stringify([statusOf(this.client), statusOf(this.server)]));
  }

  /** Starts the client; the server starts by itself, once, when the client's hello is verified. */
  override start(): boolean {
    return this.client.doHandshake(this.clientSocket);
  }

  #carrySoon(): void {
    if (this.#isCarrying) return;
    this.#isCarrying = true;
    setImmediate(() => {
      this.#isCarrying = false;
      for (const datagram of this.clientSocket.takeAll()) {
        if (this.#isServed) this.#deliver(this.server, () => this.deliverToServer(datagram));
        else this.#admit(datagram);
      }
      for (const datagram of this.serverSocket.takeAll()) this.#deliver(this.client, () => this.deliverToClient(datagram));
      this.#watch.notify();
    });
  }

  #admit(hello: Buffer): void {
    this.#isServed = this.verifier.verifyClient(this.serverSocket, hello, CLIENT_ADDRESS, CLIENT_PORT);
    if (this.#isServed) this.server.doHandshake(this.serverSocket, hello);
  }

  /** To somebody who is idle a datagram would be the beginning of another handshake. */
  #deliver(to: QDtls, deliver: () => void): void {
    const state = to.handshakeState();
    if (state !== HandshakeState.HandshakeInProgress && state !== HandshakeState.HandshakeComplete) return;
    try {
      deliver();
    } catch (thrown) {
      this.thrown.push(thrown);
    }
  }
}
