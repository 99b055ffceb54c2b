import { Socket, type RemoteInfo } from 'node:dgram';
import { EventEmitter } from 'node:events';

/** The events of a dgram.Socket. */
export interface SocketEvents {
  message: [message: Buffer, from: RemoteInfo];
  listening: [];
  connect: [];
  error: [error: Error];
  close: [];
}

/**
 * What of dgram.Socket has no effect on a view: what the socket below is set to is its owner's affair. instanceof dgram.Socket
 * holds, because libraries ask; nothing of dgram.Socket is run.
 */
export class InertSocket extends EventEmitter<SocketEvents> {
  /** Does nothing. */
  setBroadcast(): void {
    return undefined;
  }

  /** Does nothing. */
  setTTL(ttl: number): number {
    return ttl;
  }

  /** Does nothing. */
  setMulticastTTL(ttl: number): number {
    return ttl;
  }

  /** Does nothing. */
  setMulticastLoopback(flag: boolean): boolean {
    return flag;
  }

  /** Does nothing. */
  setMulticastInterface(): void {
    return undefined;
  }

  /** Does nothing: there are no multicast sessions. */
  addMembership(): void {
    return undefined;
  }

  /** Does nothing. */
  dropMembership(): void {
    return undefined;
  }

  /** Does nothing. */
  addSourceSpecificMembership(): void {
    return undefined;
  }

  /** Does nothing. */
  dropSourceSpecificMembership(): void {
    return undefined;
  }

  /** Does nothing. */
  setRecvBufferSize(): void {
    return undefined;
  }

  /** Does nothing. */
  setSendBufferSize(): void {
    return undefined;
  }

  /** 0: not known here. */
  getRecvBufferSize(): number {
    return 0;
  }

  /** 0: not known here. */
  getSendBufferSize(): number {
    return 0;
  }

  /** 0: nothing waits here. */
  getSendQueueSize(): number {
    return 0;
  }

  /** 0: nothing waits here. */
  getSendQueueCount(): number {
    return 0;
  }

  /** Does nothing: sessions decide who the peer is. */
  disconnect(): void {
    return undefined;
  }

  /** Does nothing: the socket below is not this one's to change. */
  ref(): this {
    return this;
  }

  /** Does nothing. */
  unref(): this {
    return this;
  }

  static {
    Object.setPrototypeOf(InertSocket.prototype, Socket.prototype);
  }
}
