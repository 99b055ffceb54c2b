import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { clientConfiguration, serverConfiguration } from '../../lib/cli/configuration';
import { DEFAULT_HANDSHAKE, EXAMPLE_CREDENTIALS, EXAMPLE_KEY, type HandshakeOptions } from '../../lib/cli/options';
import { SecureUdpServer } from '../../lib/cli/secure-udp-server';
import { QDtls, SslMode } from '../../lib/index';

const configuration = clientConfiguration({ credentials: EXAMPLE_CREDENTIALS, insecure: false });

let server: SecureUdpServer;
let serverPort: number;
let socket: Socket;
let inbox: Buffer[];
let log: string[];

/** Serves on another port, with these options beside the usual ones. */
async function serve(options: Partial<HandshakeOptions> = {}): Promise<void> {
  const trust = { credentials: EXAMPLE_CREDENTIALS, cookies: true, requireClientCertificate: false };
  const psk = { key: EXAMPLE_KEY, identity: null };
  const handshake = { ...DEFAULT_HANDSHAKE, mtu: 1400, ...options };
  server = new SecureUdpServer({ configuration: serverConfiguration(trust), psk, ...handshake });
  server.on('log', ({ text }) => log.push(text));
  serverPort = (await server.listen('127.0.0.1', 0)).port;
}

beforeEach(async () => {
  inbox = [];
  log = [];
  await serve();
  socket = createSocket('udp4').bind(0, '127.0.0.1');
  await once(socket, 'listening');
  socket.on('message', (datagram) => inbox.push(datagram));
});

afterEach(async () => {
  socket.close();
  await server.close();
});

function createClient(): QDtls {
  const client = new QDtls(SslMode.SslClientMode);
  client.setDtlsConfiguration(configuration);
  client.setPeer('127.0.0.1', serverPort);
  client.on('pskRequired', (authenticator) => {
    authenticator.setIdentity('test');
    authenticator.setPreSharedKey(EXAMPLE_KEY);
  });
  return client;
}

/** A datagram from the server; rejects when none comes for three seconds. */
async function nextDatagram(): Promise<Buffer> {
  if (inbox.length === 0) await once(socket, 'message', { signal: AbortSignal.timeout(3000) });
  const datagram = inbox.shift();
  if (datagram === undefined) throw new Error('expected a datagram');
  return datagram;
}

/** Sends bytes as they are, from the socket that all clients here share. */
function sendRaw(datagram: Uint8Array): void {
  socket.send(datagram, serverPort, '127.0.0.1');
}

/** Runs the handshake until the client has sent its hello with the cookie; resolves to that hello. */
async function sendVerifiedHello(client: QDtls): Promise<Buffer> {
  const sent: Buffer[] = [];
  const recorder = {
    send: (datagram: Uint8Array) => {
      sent.push(Buffer.from(datagram));
      sendRaw(datagram);
    },
  };
  client.doHandshake(recorder);
  client.doHandshake(recorder, await nextDatagram());
  return sent.at(-1) ?? Buffer.alloc(0);
}

async function finishHandshake(client: QDtls): Promise<void> {
  while (!client.isConnectionEncrypted()) {
    if (!client.doHandshake(socket, await nextDatagram())) throw new Error(client.dtlsErrorString());
  }
}

/** The server's answer to a message, decrypted. */
async function ask(client: QDtls, message: string): Promise<string> {
  client.writeDatagramEncrypted(socket, message);
  for (;;) {
    const answer = client.decryptDatagram(socket, await nextDatagram());
    if (answer.length > 0) return answer.toString();
  }
}

describe('SecureUdpServer', () => {
  it('keeps serving a client while somebody starts a verified handshake from its address', async () => {
    const client = createClient();
    await sendVerifiedHello(client);
    await finishHandshake(client);
    const intruder = createClient();
    await sendVerifiedHello(intruder);
    await nextDatagram();
    expect(await ask(client, 'still there?')).toMatch(/12 bytes received, ACK$/);
    intruder.abortHandshake(socket);
  });

  it('serves the new association once its handshake is complete', async () => {
    const [before, after] = [createClient(), createClient()];
    for (const client of [before, after]) {
      await sendVerifiedHello(client);
      await finishHandshake(client);
    }
    expect(log).toContain('the client has started again, its earlier connection is dropped');
    expect(await ask(after, 'hello')).toMatch(/5 bytes received, ACK$/);
    before.writeDatagramEncrypted(socket, 'a message of the old association');
    expect(await ask(after, 'again')).toMatch(/5 bytes received, ACK$/);
    expect(server.peers()).toHaveLength(1);
  });

  it('takes the datagrams of one client in the order of their arrival', async () => {
    const [before, after] = [createClient(), createClient()];
    await sendVerifiedHello(before);
    await finishHandshake(before);
    const messages: string[] = [];
    server.on('data', ({ direction, data }) => direction === 'received' && messages.push(data.toString()));
    await sendVerifiedHello(after);
    after.doHandshake(socket, await nextDatagram());
    // Behind the datagram that completes the new association, whose turn has not come.
    before.writeDatagramEncrypted(socket, 'late');
    await finishHandshake(after);
    await ask(after, 'hello');
    expect(messages).toEqual(['hello']);
  });

  it('is not moved by a repeated hello of the client, nor by plaintext alerts and junk', async () => {
    const client = createClient();
    const hello = await sendVerifiedHello(client);
    await finishHandshake(client);
    const closeNotify = Buffer.from('15fefd00000000000000000002' + '0100', 'hex');
    const fatalAlert = Buffer.from('15fefd00010000000000000002' + '0228', 'hex');
    for (const datagram of [hello, closeNotify, fatalAlert, Buffer.from('junk')]) sendRaw(datagram);
    expect(await ask(client, 'still there?')).toMatch(/ACK$/);
    expect(server.peers().map(({ session }) => session)).toEqual(['ECDHE-PSK-CHACHA20-POLY1305, DTLS 1.2']);
  });

  it('answers nothing to junk from an unknown address and holds nothing for it', async () => {
    const client = createClient();
    for (const datagram of [Buffer.from('junk'), Buffer.alloc(0), Buffer.alloc(2000, 22)]) sendRaw(datagram);
    await sendVerifiedHello(client);
    expect(server.peers()).toHaveLength(0);
    await finishHandshake(client);
    expect(server.peers()).toHaveLength(1);
  });

  it('admits no new client after stopAccepting, and serves those it knows', async () => {
    const client = createClient();
    await sendVerifiedHello(client);
    await finishHandshake(client);
    server.stopAccepting();
    const stranger = createSocket('udp4').bind(0, '127.0.0.1');
    await once(stranger, 'listening');
    stranger.on('message', () => log.push('the stranger got an answer'));
    const other = createClient();
    other.doHandshake(stranger);
    expect(await ask(client, 'hello')).toMatch(/ACK$/);
    expect(await ask(client, 'hello')).toMatch(/ACK$/);
    expect(log).not.toContain('the stranger got an answer');
    other.abortHandshake(stranger);
    stranger.close();
  });

  it('says goodbye to every client when it is closed', async () => {
    const client = createClient();
    await sendVerifiedHello(client);
    await finishHandshake(client);
    const goodbye = nextDatagram();
    await server.close();
    client.decryptDatagram(socket, await goodbye);
    expect(client.dtlsErrorString()).not.toBe('');
    expect(client.isConnectionEncrypted()).toBe(false);
  });

  it('listens again after it was closed', async () => {
    await server.close();
    serverPort = (await server.listen('127.0.0.1', 0)).port;
    const client = createClient();
    await sendVerifiedHello(client);
    await finishHandshake(client);
    expect(await ask(client, 'hello')).toMatch(/ACK$/);
  });

  it('serves a client that gives up in the middle of a handshake and starts again', async () => {
    const client = createClient();
    await sendVerifiedHello(client);
    // The server's flight fits one datagram here: none is left that the second client would take for its own.
    await nextDatagram();
    client.abortHandshake(socket);
    const again = createClient();
    await sendVerifiedHello(again);
    await finishHandshake(again);
    expect(await ask(again, 'hello')).toMatch(/ACK$/);
    expect(server.peers()).toHaveLength(1);
  });

  /** Lets a client without a key refuse the server's flight with an alert. */
  async function refuseFlight(): Promise<void> {
    const client = createClient();
    client.removeAllListeners('pskRequired');
    await sendVerifiedHello(client);
    expect(server.peers()).toHaveLength(0);
    const flight = await nextDatagram();
    expect(server.peers()).toHaveLength(1);
    expect(client.doHandshake(socket, flight)).toBe(false);
  }

  async function untilForgotten(): Promise<void> {
    while (server.peers().length > 0) await once(server, 'peers', { signal: AbortSignal.timeout(3000) });
  }

  /** Resolves when a line of the log matches. */
  async function logged(pattern: RegExp): Promise<void> {
    while (!log.some((text) => pattern.test(text))) await once(server, 'log', { signal: AbortSignal.timeout(3000) });
  }

  it('forgets a client whose handshake fails at once, if it obeys alerts', async () => {
    await server.close();
    await serve({ obeyAlerts: true });
    await refuseFlight();
    await untilForgotten();
    expect(log).toContain('forgotten, it may try again');
    expect(log.join('\n')).not.toContain('may be forged');
  });

  it('tells an alert that it ignores, once, and forgets the client when the deadline is over', async () => {
    await server.close();
    await serve({ handshakeDeadline: 1500 });
    await refuseFlight();
    await logged(/an unauthenticated alert says "handshake failure": it may be forged/);
    const again = Buffer.from('15fefd0000000000000009000202' + '28', 'hex');
    for (let count = 0; count < 5; count += 1) sendRaw(again);
    const other = Buffer.from('15fefd000000000000000a000202' + '50', 'hex');
    sendRaw(other);
    await logged(/an unauthenticated alert says "internal error"/);
    expect(server.peers()).toHaveLength(1);
    await untilForgotten();
    expect(log.filter((text) => text.includes('may be forged'))).toHaveLength(2);
    expect(log.join('\n')).toMatch(/did not finish within 1500 ms; an unauthenticated alert said "internal error"/);
    expect(log.at(-1)).toBe('forgotten, it may try again');
  });

  it('serves a client that failed and tries again, before the deadline of what failed', async () => {
    await refuseFlight();
    await logged(/may be forged/);
    const again = createClient();
    await sendVerifiedHello(again);
    await finishHandshake(again);
    expect(await ask(again, 'hello')).toMatch(/ACK$/);
    expect(server.peers()).toHaveLength(1);
    expect(log).not.toContain('forgotten, it may try again');
  });
});
