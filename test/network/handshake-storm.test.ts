import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { clientConfiguration, serverConfiguration } from '../../lib/cli/configuration';
import { DEFAULT_HANDSHAKE, EXAMPLE_CREDENTIALS, EXAMPLE_KEY } from '../../lib/cli/options';
import { SecureUdpClient } from '../../lib/cli/secure-udp-client';
import { SecureUdpServer } from '../../lib/cli/secure-udp-server';

const JUNK = Buffer.from('not a hello');
const JUNK_LINE = /^not a ClientHello/;
const TOO_MANY = /^too many handshakes at once, a datagram was dropped \((\d+) so far\)$/;

const psk = { key: EXAMPLE_KEY, identity: null };

let server: SecureUdpServer;
let port: number;
let stranger: Socket;
let log: string[];

function lines(pattern: RegExp): string[] {
  return log.filter((text) => pattern.test(text));
}

/** Sends this many datagrams that the server has to look at, each in its turn. */
function storm(count: number): void {
  for (let sent = 0; sent < count; sent += 1) stranger.send(JUNK, port, '127.0.0.1');
}

/** Sends until the server drops datagrams: more than it handles in a turn, and not more than its socket holds. */
async function overwhelm(): Promise<void> {
  for (let turn = 0; turn < 500 && lines(TOO_MANY).length < 2; turn += 1) {
    storm(20);
    await nextTurn();
  }
}

async function logged(pattern: RegExp): Promise<void> {
  while (lines(pattern).length === 0) await once(server, 'log', { signal: AbortSignal.timeout(3000) });
}

beforeEach(async () => {
  log = [];
  const trust = { credentials: EXAMPLE_CREDENTIALS, cookies: true, requireClientCertificate: false };
  server = new SecureUdpServer({ configuration: serverConfiguration(trust), psk, ...DEFAULT_HANDSHAKE });
  server.on('log', ({ text }) => log.push(text));
  port = (await server.listen('127.0.0.1', 0)).port;
  stranger = createSocket('udp4').bind(0, '127.0.0.1');
  await once(stranger, 'listening');
});

afterEach(async () => {
  stranger.close();
  await server.close();
});

/** A client whose first ping was answered. */
async function connectedClient(pingInterval: number): Promise<SecureUdpClient> {
  const client = new SecureUdpClient({
    name: 'alice',
    remote: { address: '127.0.0.1', port },
    verificationName: '',
    configuration: clientConfiguration({ credentials: EXAMPLE_CREDENTIALS, insecure: false }),
    psk,
    pingInterval,
    message: null,
    count: null,
    localPort: 0,
    ...DEFAULT_HANDSHAKE,
  });
  await client.start();
  while (client.summary().acknowledged === 0) await once(client, 'changed', { signal: AbortSignal.timeout(3000) });
  return client;
}

/**
 * For each ping from now on that is answered, how many of the stranger's datagrams the server handled between the two. Not
 * from ping to ping: how many turns of the loop there are in a millisecond is the machine's affair.
 */
function handledWhileWaiting(client: SecureUdpClient): number[] {
  const handled: number[] = [];
  const handledBefore: number[] = [];
  const { pingsSent, answers } = client.summary();
  let earlier = pingsSent - answers;
  client.on('data', ({ direction }) => {
    const now = lines(JUNK_LINE).length;
    if (direction === 'sent') handledBefore.push(now);
    else if (earlier > 0) earlier -= 1;
    else handled.push(now - (handledBefore.shift() ?? NaN));
  });
  return handled;
}

describe('SecureUdpServer under more handshake datagrams than it can handle at once', () => {
  it('answers the messages of its clients while a thousand datagrams wait for their turns', async () => {
    const client = await connectedClient(1);
    const handledMeanwhile = handledWhileWaiting(client);
    await overwhelm();
    const answered = client.summary().acknowledged;
    while (client.summary().acknowledged < answered + 3) {
      await once(client, 'changed', { signal: AbortSignal.timeout(3000) });
    }
    const [one = NaN, two = NaN, three = NaN] = handledMeanwhile.slice(-3);
    expect(one + two + three).toBeLessThan(100);
    await client.close();
  });

  it('drops what is over its limit, tells so without a flood of lines, and goes on', async () => {
    await overwhelm();
    const told = lines(TOO_MANY).map((text) => Number(TOO_MANY.exec(text)?.[1]));
    expect(told.slice(0, 2)).toEqual([1, 10]);
    const client = await connectedClient(1000);
    expect(client.summary().acknowledged).toBe(1);
    await client.close();
  });

  it('leaves nothing behind when it is closed while datagrams wait', async () => {
    storm(100);
    await logged(JUNK_LINE);
    await server.close();
    const handled = lines(JUNK_LINE).length;
    expect(handled).toBeLessThan(100);
    for (let turn = 0; turn < 5; turn += 1) await nextTurn();
    expect(lines(JUNK_LINE)).toHaveLength(handled);
    expect(log.at(-1)).toBe('the socket is closed');
  });
});
