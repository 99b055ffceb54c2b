// No UDP at all: sessions over a MessageChannel, between two threads. Anything that carries datagrams will do: a TURN relay,
// an ICE connection, a radio, a WebSocket. It needs send(), 'message' events and nothing else.
//
//   node examples/custom-transport.mjs

import { EventEmitter } from 'node:events';
import { isMainThread, MessageChannel, Worker, workerData } from 'node:worker_threads';
import { connect, listen } from 'qdtls/endpoint';

const psk = { identity: 'thread', key: Buffer.from('1a2b3c4d5e6f', 'hex') };
// Sessions tell their peers apart by address. This transport has none, so it makes one up for its other end.
const OTHER_END = { address: '192.0.2.1', port: 1 };

/** A MessagePort in the shape of a dgram.Socket. */
class PortSocket extends EventEmitter {
  #port;

  /** @param {import('node:worker_threads').MessagePort} port */
  constructor(port) {
    super();
    this.#port = port;
    port.on('message', (datagram) => this.emit('message', Buffer.from(datagram), OTHER_END));
  }

  /**
   * @param {Uint8Array} datagram is copied: the caller may use its memory again
   * @param {number} _port
   * @param {string} _address
   * @param {(error: Error | null) => void} [callback]
   */
  send(datagram, _port, _address, callback) {
    this.#port.postMessage(datagram);
    if (callback !== undefined) process.nextTick(callback, null);
  }

  /** A socket of yours stays yours: close it when its sessions are over. */
  close() {
    this.#port.close();
  }
}

async function serve() {
  const socket = new PortSocket(workerData);
  const session = await new Promise((resolve) => {
    listen(resolve, { socket, psk: { [psk.identity]: psk.key } });
  });
  for await (const message of session) session.send(`you said: ${message}`);
  await session.endpoint.close();
  socket.close();
}

async function visit() {
  const { port1, port2 } = new MessageChannel();
  const worker = new Worker(new URL(import.meta.url), { workerData: port2, transferList: [port2] });
  const socket = new PortSocket(port1);
  const session = connect(OTHER_END.address, OTHER_END.port, { socket, psk });
  await session.opened;
  session.send('hello from the other thread');
  for await (const message of session) {
    console.log(`client: ${message}`);
    await session.close();
  }
  await new Promise((resolve) => worker.once('exit', resolve));
  console.log('both threads are done');
}

await (isMainThread ? visit() : serve());
