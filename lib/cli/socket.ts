import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import { setImmediate } from 'node:timers/promises';

/** A UDP socket of the address's family. */
export function createUdpSocket(address: string): Socket {
  return createSocket(isIPv6(address) ? 'udp6' : 'udp4');
}

/** Binds a socket; rejects with the system's error. */
export async function bind(socket: Socket, port: number, address?: string): Promise<void> {
  const listening = once(socket, 'listening');
  socket.bind({ port, ...(address === undefined ? {} : { address }) });
  await listening;
}

/** Connects a bound socket to its only peer; rejects with the system's error. */
export async function connect(socket: Socket, port: number, address: string): Promise<void> {
  const connected = once(socket, 'connect');
  socket.connect(port, address);
  await connected;
}

/**
 * Closes a socket once what it was given to send has left: dgram.Socket drops it when closed in the same
 * turn.
 */
export async function closeAfterSending(socket: Socket): Promise<void> {
  await setImmediate();
  const closed = once(socket, 'close');
  socket.close();
  await closed;
}
