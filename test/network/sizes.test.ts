import { QDtls, QDtlsError, type QSslConfiguration } from '../../lib';
import { makeCredentials, settingsFor, type InteropCase } from '../support/credentials';
import { LoopbackServer, openClient, type LiveAssociation } from '../support/loopback';

const rsa = makeCredentials('rsa-2048');
// One suite of each way to protect a record.
const cases: readonly InteropCase[] = [
  { name: 'AES128-GCM', cipher: 'PSK-AES128-GCM-SHA256' },
  { name: 'CHACHA20', cipher: 'PSK-CHACHA20-POLY1305' },
  { name: 'AES128-CCM', cipher: 'PSK-AES128-CCM' },
  { name: 'AES128-CCM8', cipher: 'PSK-AES128-CCM8' },
  { name: 'AES128-CBC with SHA-1', cipher: 'PSK-AES128-CBC-SHA' },
  { name: 'AES256-CBC with SHA-384', cipher: 'ECDHE-RSA-AES256-SHA384', credentials: rsa },
];
const sockets: { close: () => void }[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

async function establish(
  which: InteropCase,
  mtu: number,
  change?: (settings: QSslConfiguration) => void,
): Promise<{ client: LiveAssociation; server: LiveAssociation }> {
  const setUp = (dtls: QDtls): void => dtls.setMtuHint(mtu);
  const listening = await LoopbackServer.open(settingsFor('server', which, change), { setUp });
  const client = await openClient(listening.port, settingsFor('client', which, change), { setUp });
  sockets.push(listening.socket, client.socket);
  client.start();
  await client.encrypted();
  return { client, server: await listening.client() };
}

/** The datagram that carries a message of this size, which arrives whole. */
async function datagramFor(size: number, from: LiveAssociation, to: LiveAssociation): Promise<Buffer> {
  const message = 'x'.repeat(size - 1);
  const text = `${message}${to.messages.length % 10}`;
  expect(from.dtls.writeDatagramEncrypted(from.socket, text)).toBe(size);
  await to.until(() => to.messages.at(-1) === text, `a message of ${size} bytes`);
  const datagram = from.socket.sent.at(-1);
  if (datagram === undefined) throw new Error('nothing was sent');
  return datagram;
}

describe.each(cases)('maxPayload with $name', (which) => {
  it.each([
    [256, 256],
    [0, 576],
    [577, 577],
    [1200, 1200],
    [1452, 1452],
  ])('and the MTU hint %i is the largest message that fits %i bytes', async (hint, mtu) => {
    const { client, server } = await establish(which, hint);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      const size = from.dtls.maxPayload();
      expect((await datagramFor(size, from, to)).length).toBeLessThanOrEqual(mtu);
      expect((await datagramFor(size + 1, from, to)).length).toBeGreaterThan(mtu);
    }
  });

  it('follows setMtuHint during the association', async () => {
    const { client, server } = await establish(which, 1200);
    const before = client.dtls.maxPayload();
    client.dtls.setMtuHint(900);
    const after = client.dtls.maxPayload();
    expect(after).toBeLessThan(before);
    expect((await datagramFor(after, client, server)).length).toBeLessThanOrEqual(900);
  });
});

describe.each(cases)('a message with $name', (which) => {
  it('may have 16384 bytes, far above the MTU', async () => {
    const { client, server } = await establish(which, 0);
    expect((await datagramFor(QDtls.MaximumMessageSize, client, server)).length).toBeGreaterThan(16384);
    await datagramFor(1, server, client);
  });

  it.each([16385, 65507, 100_000])('of %i bytes is refused, and the association lives', async (size) => {
    const { client, server } = await establish(which, 0);
    const sent = client.socket.sent.length;
    expect(client.dtls.writeDatagramEncrypted(client.socket, Buffer.alloc(size))).toBe(-1);
    expect(client.dtls.dtlsError()).toBe(QDtlsError.InvalidInputParameters);
    expect(client.dtls.dtlsErrorString()).toMatch(/16384/);
    expect(client.socket.sent).toHaveLength(sent);
    await datagramFor(5, client, server);
  });

  it('that is empty sends nothing', async () => {
    const { client, server } = await establish(which, 0);
    const sent = client.socket.sent.length;
    expect(client.dtls.writeDatagramEncrypted(client.socket, '')).toBe(0);
    expect(client.dtls.dtlsError()).toBe(QDtlsError.NoError);
    expect(client.socket.sent).toHaveLength(sent);
    await datagramFor(5, client, server);
  });
});

describe('a datagram above the limit of UDP', () => {
  it('never comes into being: the largest record of any suite fits', async () => {
    const { client, server } = await establish({ name: '', cipher: 'PSK-AES128-CBC-SHA' }, 65535);
    const { length } = await datagramFor(Math.min(client.dtls.maxPayload(), 16384), client, server);
    expect(length).toBeLessThan(65507);
    expect(client.dtls.maxPayload()).toBeLessThanOrEqual(QDtls.MaximumMessageSize);
  });
});
