import { createSocket } from 'node:dgram';
import { HandshakeState, QDtlsError } from '../../lib';
import {
  freePort,
  LOOPBACK,
  LoopbackServer,
  openClient,
  type ClientOptions,
  type LiveAssociation,
  type LoopbackSocket,
} from '../support/loopback';
import { pskConfiguration } from '../support/pair';

const settings = pskConfiguration((own) => own.setCiphers('ECDHE-PSK-CHACHA20-POLY1305'));
const sockets: LoopbackSocket[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

async function listen(address = LOOPBACK): Promise<LoopbackServer> {
  const server = await LoopbackServer.open(settings, { address });
  sockets.push(server.socket);
  return server;
}

async function clientOf(port: number, options: ClientOptions = {}): Promise<LiveAssociation> {
  const client = await openClient(port, settings, options);
  sockets.push(client.socket);
  return client;
}

async function expectConversation(client: LiveAssociation, server: LiveAssociation): Promise<void> {
  const text = `${client.messages.length} and ${server.messages.length}`;
  client.say(`to the server ${text}`);
  await server.heard(`to the server ${text}`);
  server.say(`to the client ${text}`);
  await client.heard(`to the client ${text}`);
}

describe('an association over real sockets', () => {
  it.each([
    ['IPv4', '127.0.0.1', '127.0.0.1'],
    ['IPv6', '::1', '::1'],
    ['IPv4 to a server for both families', '::', '127.0.0.1'],
    ['IPv6 to a server for both families', '::', '::1'],
  ])('works over %s', async (_, listening, address) => {
    const server = await listen(listening);
    const client = await clientOf(server.port, { address });
    client.start();
    await client.encrypted();
    await expectConversation(client, await server.client());
    client.dtls.shutdown(client.socket);
    expect(await (await server.client()).failed()).toMatch(/^RemoteClosedConnectionError: /);
  });

  it('can be renewed from the same port', async () => {
    const server = await listen();
    const client = await clientOf(server.port);
    for (let round = 0; round < 3; round += 1) {
      client.start();
      await client.encrypted();
      const association = await server.client(round);
      await expectConversation(client, association);
      client.dtls.shutdown(client.socket);
      await association.failed();
    }
    expect(client.failures).toEqual([]);
  });
});

describe('one server socket', () => {
  it('serves many clients at once, and each for itself', async () => {
    const server = await listen();
    const clients = await Promise.all(Array.from({ length: 20 }, () => clientOf(server.port)));
    for (const client of clients) client.start();
    await Promise.all(clients.map((client) => client.encrypted()));
    for (const client of clients) client.say(`from port ${client.socket.port}`);
    await Promise.all(server.associations.map((association) => association.until(() => association.messages.length > 0, 'a message')));

    expect(server.associations).toHaveLength(20);
    for (const { dtls, messages } of server.associations) {
      expect(messages).toEqual([`from port ${dtls.peerPort()}`]);
    }
    for (const association of server.associations) association.say(`to port ${association.dtls.peerPort()}`);
    await Promise.all(clients.map((client) => client.heard(`to port ${client.socket.port}`)));
  });

  it('goes on with the others when one leaves', async () => {
    const server = await listen();
    const leaving = await clientOf(server.port);
    const staying = await Promise.all([clientOf(server.port), clientOf(server.port)]);
    const clients = [leaving, ...staying];
    for (const client of clients) client.start();
    await Promise.all(clients.map((client) => client.encrypted()));
    leaving.dtls.shutdown(leaving.socket);
    const gone = server.associations.find(({ dtls }) => dtls.peerPort() === leaving.socket.port);
    expect(await gone?.failed()).toMatch(/^RemoteClosedConnectionError: /);
    for (const client of staying) {
      const port = client.socket.port;
      const association = server.associations.find(({ dtls }) => dtls.peerPort() === port);
      if (association === undefined) throw new Error('nobody serves it');
      await expectConversation(client, association);
    }
  });
});

describe('a connected socket', () => {
  it('is used without an address', async () => {
    const server = await listen();
    const client = await clientOf(server.port);
    await client.socket.connect(server.port);
    client.start();
    await client.encrypted();
    await expectConversation(client, await server.client());
    expect(client.failures).toEqual([]);
  });

  it('may be connected in the middle of a handshake, disconnected after it, and connected again', async () => {
    const server = await listen();
    // On a port of its own choice: Linux takes another one away when the socket is disconnected.
    const client = await clientOf(server.port, { localPort: await freePort() });
    client.start();
    await client.socket.connect(server.port);
    await client.encrypted();
    await expectConversation(client, await server.client());
    client.socket.disconnect();
    await expectConversation(client, await server.client());
    await client.socket.connect(server.port);
    await expectConversation(client, await server.client());
    expect(client.failures).toEqual([]);
    expect(client.dtls.dtlsError()).toBe(QDtlsError.NoError);
  });

  it('to a port where nobody listens ends the handshake by its deadline, without an exception', async () => {
    const port = await freePort();
    const client = await clientOf(port);
    client.dtls.setHandshakeDeadline(300);
    client.dtls.setRetransmissionTimeouts({ initial: 50, maximum: 50 });
    await client.socket.connect(port);
    client.start();
    await client.until(() => client.dtls.handshakeState() === HandshakeState.HandshakeNotStarted, 'the deadline');
    expect(client.dtls.dtlsError()).toBe(QDtlsError.TlsFatalError);
    expect(client.dtls.dtlsErrorString()).toMatch(/300 ms/);
  });
});

describe('a dgram.Socket that cannot send', () => {
  it('because it is closed, is an UnderlyingSocketError at once', async () => {
    const client = await clientOf(9);
    const closed = createSocket('udp4');
    closed.close();
    const errors: Error[] = [];
    client.dtls.on('socketError', (error) => errors.push(error));
    expect(client.dtls.doHandshake(closed)).toBe(false);
    expect(client.dtls.dtlsError()).toBe(QDtlsError.UnderlyingSocketError);
    expect(errors).toMatchObject([{ code: 'ERR_SOCKET_DGRAM_NOT_RUNNING' }]);
  });

  it('because the port is 0, is an UnderlyingSocketError at once', async () => {
    const client = await clientOf(0);
    expect(client.dtls.doHandshake(client.socket)).toBe(false);
    expect(client.dtls.dtlsError()).toBe(QDtlsError.UnderlyingSocketError);
    expect(client.dtls.dtlsErrorString()).toMatch(/port/i);
  });

  it('because the address is of the other family, is an UnderlyingSocketError that comes later', async () => {
    const client = await clientOf(9);
    client.dtls.setPeer('::1', 9);
    const errors: Error[] = [];
    client.dtls.on('socketError', (error) => {
      errors.push(error);
      client.watch.notify();
    });
    expect(client.dtls.doHandshake(client.socket)).toBe(true);
    await client.until(() => errors.length > 0, 'socketError');
    expect(client.dtls.dtlsError()).toBe(QDtlsError.UnderlyingSocketError);
    expect(client.dtls.handshakeState()).toBe(HandshakeState.HandshakeInProgress);
    expect(client.dtls.abortHandshake(client.socket)).toBe(true);
  });
});
