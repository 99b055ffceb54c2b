import { randomBytes } from 'node:crypto';
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { QDtls, QDtlsClientVerifier, QDtlsError, SslMode } from '../../lib';
import { MemorySocket } from '../support/memory-socket';
import { pskConfiguration } from '../support/pair';

const ADDRESS = '127.0.0.1';
const CLIENTS = 100;
/** Milliseconds between two datagrams of the noise source. */
const NOISE_INTERVAL = 5;

let open: Socket[] = [];
let clients: QDtls[] = [];
let noise: NodeJS.Timeout | undefined;

afterEach(() => {
  clearInterval(noise);
  for (const client of clients) client.abortHandshake(new MemorySocket());
  open.forEach((socket) => socket.close());
  clients = [];
  open = [];
});

async function bind(): Promise<Socket> {
  const socket = createSocket('udp4');
  open.push(socket);
  socket.bind(0, ADDRESS);
  await once(socket, 'listening');
  return socket;
}

/** The hello of a client that never answers. */
function strangersHello(): Buffer {
  const stranger = new QDtls(SslMode.SslClientMode);
  const socket = new MemorySocket();
  stranger.setPeer(ADDRESS, 1);
  stranger.doHandshake(socket);
  stranger.abortHandshake(socket);
  return socket.take();
}

/** Sends to the port, in turn, what is no DTLS, and hellos without cookie. Answers are not read. */
async function makeNoise(port: number): Promise<number> {
  const socket = await bind();
  const hello = strangersHello();
  let count = 0;
  noise = setInterval(() => {
    socket.send((count += 1) % 2 === 0 ? hello : randomBytes(1 + (count % 200)), port, ADDRESS);
  }, NOISE_INTERVAL);
  return socket.address().port;
}

/** A client that says hello until it gets what it wants: a cookie, and an answer to its second hello. */
async function startClient(serverPort: number): Promise<number> {
  const socket = await bind();
  const client = new QDtls(SslMode.SslClientMode);
  clients.push(client);
  client.setDtlsConfiguration(pskConfiguration());
  client.setPeer(ADDRESS, serverPort);
  client.on('handshakeTimeout', () => client.handleTimeout(socket));
  socket.on('message', (datagram) => client.doHandshake(socket, datagram));
  expect(client.doHandshake(socket)).toBe(true);
  return socket.address().port;
}

it('110. amid noise one verifier verifies 100 clients, never the noise, and reports no error', async () => {
  const server = await bind();
  const verifier = new QDtlsClientVerifier();
  const verified = new Set<number>();
  const seen = new Map<number, number>();
  const errors: QDtlsError[] = [];
  const done = new Promise<void>((resolve) => {
    server.on('message', (datagram, { address, port }) => {
      seen.set(port, (seen.get(port) ?? 0) + 1);
      if (verifier.verifyClient(server, datagram, address, port)) verified.add(port);
      errors.push(verifier.dtlsError());
      // The noise must have had its chance too.
      if (verified.size >= CLIENTS && (seen.get(noisePort) ?? 0) >= 20) resolve();
    });
  });

  const noisePort = await makeNoise(server.address().port);
  const { port } = server.address();
  const clientPorts = await Promise.all(Array.from({ length: CLIENTS }, () => startClient(port)));
  await done;

  expect([...verified].sort()).toEqual([...clientPorts].sort());
  expect(verified.has(noisePort)).toBe(false);
  expect(new Set(errors)).toEqual(new Set([QDtlsError.NoError]));
});
