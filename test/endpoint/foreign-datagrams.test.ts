import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { connect, type DTLSEndpoint, type DTLSSession } from '../../lib/endpoint';
import { ask, clientTrust, closeEverything, HOST, join, portOf, serveEcho } from '../support/endpoints';

const sockets: Socket[] = [];

afterEach(async () => {
  await closeEverything();
  for (const socket of sockets.splice(0)) socket.close();
});

/** A bound socket, as an application has one. */
async function openSocket(): Promise<Socket> {
  const socket = createSocket('udp4').bind(0, HOST);
  sockets.push(socket);
  await once(socket, 'listening');
  return socket;
}

/** A datagram of twelve bytes that begins with this one. */
function beginning(first: number): Buffer {
  return Buffer.from([first, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42, 1, 2, 3, 4]);
}

interface Foreign {
  readonly content: string;
  readonly port: number;
}

/** The next datagrams that are not DTLS, as the callback property and the event have them. */
function foreign(endpoint: DTLSEndpoint, count = 1): Promise<Foreign[]> {
  return new Promise((resolve) => {
    const calls: Foreign[] = [];
    const events: Foreign[] = [];
    endpoint.ondatagram = (datagram, { port }) => void calls.push({ content: datagram.toString('hex'), port });
    endpoint.on('datagram', (datagram, { port }) => {
      events.push({ content: datagram.toString('hex'), port });
      if (events.length < count) return;
      expect(calls).toEqual(events);
      resolve(events);
    });
  });
}

interface Scene {
  readonly session: DTLSSession;
  /** Whose foreign datagrams are heard. */
  readonly endpoint: DTLSEndpoint;
  /** Sends to it, from the address of the other side of the session. */
  readonly send: (datagram: Buffer) => void;
  /** Where they come from. */
  readonly port: number;
}

/** The server hears them; both sides have a socket of their own or, the client always, a borrowed one. */
async function atServer(socket?: Socket): Promise<Scene> {
  const endpoint = serveEcho(socket === undefined ? {} : { socket });
  const own = await openSocket();
  const session = join(endpoint, { socket: own });
  await session.opened;
  return { session, endpoint, send: (datagram) => own.send(datagram, portOf(endpoint), HOST), port: own.address().port };
}

/** The client hears them, on a socket of its own or a borrowed one. */
async function atClient(socket?: Socket): Promise<Scene> {
  const own = await openSocket();
  serveEcho({ socket: own });
  const { port } = own.address();
  const session = connect(HOST, port, { ...clientTrust, ...(socket === undefined ? {} : { socket }) });
  await session.opened;
  const { endpoint } = session;
  return { session, endpoint, send: (datagram) => own.send(datagram, portOf(endpoint), HOST), port };
}

const scenes = [
  ['a server', () => atServer()],
  ['a server with a borrowed socket', async () => atServer(await openSocket())],
  ['a client', () => atClient()],
  ['a client with a borrowed socket', async () => atClient(await openSocket())],
] as const;

describe.each(scenes)('datagrams that are not DTLS, at the port of %s', (_, open) => {
  it('reach the application while the session goes on', async () => {
    const { session, endpoint, send, port } = await open();
    const firsts = [0, 1, 3, 128, 150, 191];
    const heard = foreign(endpoint, firsts.length);
    for (const first of firsts) {
      send(beginning(first));
      expect(await ask(session, `after ${first}`)).toBe(`after ${first}`);
    }
    expect(await heard).toEqual(firsts.map((first) => ({ content: beginning(first).toString('hex'), port })));
    expect(endpoint.stats.foreignCount).toBe(BigInt(firsts.length));
  });

  it('disturb nothing when nobody wants them', async () => {
    const { session, endpoint, send } = await open();
    send(beginning(1));
    send(beginning(128));
    expect(await ask(session, 'hello')).toBe('hello');
    expect(endpoint.stats.foreignCount).toBe(2n);
  });
});

describe('the first byte of a datagram', () => {
  it.each([
    ['ZRTP', 16],
    ['the last before DTLS', 19],
    ['the first after DTLS', 64],
    ['a TURN channel', 79],
    ['QUIC', 192],
    ['the last of all', 255],
  ])('says that it is not DTLS: %s, %i', async (_, first) => {
    const { endpoint, send, port } = await atServer();
    const heard = foreign(endpoint);
    send(beginning(first));
    expect(await heard).toEqual([{ content: beginning(first).toString('hex'), port }]);
  });

  it('is DTLS from 20 to 63, and the application does not hear of it', async () => {
    const { session, endpoint, send, port } = await atServer();
    const heard = foreign(endpoint);
    for (const first of [20, 21, 22, 23, 24, 63]) send(beginning(first));
    send(beginning(128));
    expect(await heard).toEqual([{ content: beginning(128).toString('hex'), port }]);
    expect(await ask(session, 'hello')).toBe('hello');
  });

  it('is absent in an empty datagram, which is not DTLS', async () => {
    const { endpoint, send, port } = await atServer();
    const heard = foreign(endpoint);
    send(Buffer.alloc(0));
    expect(await heard).toEqual([{ content: '', port }]);
  });
});

describe('a borrowed socket', () => {
  it('gives what it hears to the application too, unchanged, and stays open', async () => {
    const socket = await openSocket();
    const seen: Buffer[] = [];
    const copies: Buffer[] = [];
    socket.on('message', (datagram) => copies.push(Buffer.from(datagram)));
    const { session, endpoint, send } = await atServer(socket);
    socket.on('message', (datagram) => seen.push(datagram));
    copies.length = 0;
    const heard = foreign(endpoint);
    send(beginning(1));
    await heard;
    expect(await ask(session, 'hello')).toBe('hello');
    await session.close();
    await endpoint.close();
    expect(seen).toEqual(copies);
    expect(seen).toContainEqual(beginning(1));

    const later = new Promise<void>((resolve) => {
      socket.on('message', (datagram) => {
        if (datagram.equals(beginning(0))) resolve();
      });
    });
    (await openSocket()).send(beginning(0), socket.address().port, HOST);
    await later;
  });
});
