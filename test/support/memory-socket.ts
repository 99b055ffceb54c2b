import type { DatagramSocket, SendCallback } from '../../lib';

/** A socket in memory: what is sent is kept, in order, until somebody takes it. */
export class MemorySocket implements DatagramSocket {
  /** Datagrams sent and not yet taken. */
  readonly sent: Buffer[] = [];
  /** While set, send() throws it. */
  failure: Error | undefined = undefined;
  /** While set, send() reports it in its callback and sends nothing. */
  lateFailure: Error | undefined = undefined;
  /** Port and address of the last datagram. */
  lastDestination: readonly [port: number, address: string] | undefined;

  send(datagram: Uint8Array, ...rest: readonly [SendCallback] | readonly [number, string, SendCallback]): void {
    if (this.failure !== undefined) throw this.failure;
    const callback = rest.length === 1 ? rest[0] : rest[2];
    if (rest.length === 3) this.lastDestination = [rest[0], rest[1]];
    const { lateFailure } = this;
    if (lateFailure === undefined) this.sent.push(Buffer.from(datagram));
    process.nextTick(() => callback(lateFailure ?? null));
  }

  /** The oldest datagram; throws if there is none. */
  take(): Buffer {
    const datagram = this.sent.shift();
    if (datagram === undefined) throw new Error('nothing was sent');
    return datagram;
  }

  /** All datagrams, oldest first. */
  takeAll(): Buffer[] {
    return this.sent.splice(0);
  }
}
