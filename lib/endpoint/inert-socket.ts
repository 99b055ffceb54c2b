import { Socket, type RemoteInfo } from 'node:dgram';
import { EventEmitter } from 'node:events';

/** The events of a dgram.Socket. Extension. */
export interface SocketEvents {
  /** A decrypted message, and whose. */
  message: [message: Buffer, from: RemoteInfo];
  /** bind() was called. */
  listening: [];
  /** connect() was called. */
  connect: [];
  /** A message could not be sent, or the session or endpoint ended with an error. */
  error: [error: Error];
  /** The session or endpoint is over. */
  close: [];
}

/**
 * What of dgram.Socket has no effect on a view: what the socket below is set to is its owner's affair. instanceof dgram.Socket
 * holds, because libraries ask; nothing of dgram.Socket is run.
 */
export class InertSocket extends EventEmitter<SocketEvents> {
  /** Does nothing. Source: dgram.Socket.setBroadcast() */
  setBroadcast(): void {
    return undefined;
  }

  /** Does nothing; returns the number of hops that it was given. Source: dgram.Socket.setTTL() */
  setTTL(ttl: number): number {
    return ttl;
  }

  /** Does nothing; returns the number of hops that it was given. Source: dgram.Socket.setMulticastTTL() */
  setMulticastTTL(ttl: number): number {
    return ttl;
  }

  /** Does nothing. Source: dgram.Socket.setMulticastLoopback() */
  setMulticastLoopback(flag: boolean): boolean {
    return flag;
  }

  /** Does nothing. Source: dgram.Socket.setMulticastInterface() */
  setMulticastInterface(): void {
    return undefined;
  }

  /** Does nothing: there are no multicast sessions. Source: dgram.Socket.addMembership() */
  addMembership(): void {
    return undefined;
  }

  /** Does nothing. Source: dgram.Socket.dropMembership() */
  dropMembership(): void {
    return undefined;
  }

  /** Does nothing. Source: dgram.Socket.addSourceSpecificMembership() */
  addSourceSpecificMembership(): void {
    return undefined;
  }

  /** Does nothing. Source: dgram.Socket.dropSourceSpecificMembership() */
  dropSourceSpecificMembership(): void {
    return undefined;
  }

  /** Does nothing. Source: dgram.Socket.setRecvBufferSize() */
  setRecvBufferSize(): void {
    return undefined;
  }

  /** Does nothing. Source: dgram.Socket.setSendBufferSize() */
  setSendBufferSize(): void {
    return undefined;
  }

  /** 0 bytes: not known here. Source: dgram.Socket.getRecvBufferSize() */
  getRecvBufferSize(): number {
    return 0;
  }

  /** 0 bytes: not known here. Source: dgram.Socket.getSendBufferSize() */
  getSendBufferSize(): number {
    return 0;
  }

  /** 0 bytes: nothing waits here. Source: dgram.Socket.getSendQueueSize() */
  getSendQueueSize(): number {
    return 0;
  }

  /** 0 datagrams: nothing waits here. Source: dgram.Socket.getSendQueueCount() */
  getSendQueueCount(): number {
    return 0;
  }

  /** Does nothing: it is bound already. Of newer Nodes. Extension. Source: dgram.Socket.bindSync() */
  bindSync(): this {
    return this;
  }

  /** Does nothing: whom it can reach is settled. Of newer Nodes. Extension. Source: dgram.Socket.connectSync() */
  connectSync(): this {
    return this;
  }

  /** Does nothing: sessions decide who the peer is. Source: dgram.Socket.disconnect() */
  disconnect(): void {
    return undefined;
  }

  /** Does nothing: the socket below is not this one's to change. Source: dgram.Socket.ref() */
  ref(): this {
    return this;
  }

  /** Does nothing. Source: dgram.Socket.unref() */
  unref(): this {
    return this;
  }

  static {
    Object.setPrototypeOf(InertSocket.prototype, Socket.prototype);
  }
}
