import { EncodingFormat, QSslCertificate, type QSslConfiguration } from '../../lib';
import { makeChain } from '../support/certificates';
import { stopCommands } from '../support/command';
import { demand, show, showArguments } from '../support/credentials';
import { LoopbackServer, openClient, type LiveAssociation } from '../support/loopback';
import { OpensslPeer, ScratchFiles } from '../support/openssl';
import { configuration } from '../support/pair';

// Three certificates of about a kilobyte each: more than one datagram at any of these sizes.
const chain = makeChain(2, { padding: 600, purposes: ['serverAuth', 'clientAuth'] });
const chainBytes = QSslCertificate.fromData(chain.chainPem, EncodingFormat.Pem)
  .map((certificate) => certificate.toDer().length)
  .reduce((sum, length) => sum + length);
const files = new ScratchFiles();
const root = ['-CAfile', files.write('root.pem', chain.rootPem)];
const messageOf500 = `${'x'.repeat(499)}\n`;

const sockets: { close: () => void }[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close();
  await stopCommands();
});

afterAll(() => files.remove());

/** Shows the long chain, and demands one from the other side. */
function mutual(change: (settings: QSslConfiguration) => void = () => undefined): QSslConfiguration {
  return configuration((settings) => {
    show(settings, chain);
    demand(settings, chain);
    change(settings);
  });
}

/** What the handshake datagrams of one side must look like at this size. */
function expectFragments(datagrams: readonly Buffer[], mtu: number): void {
  const sizes = datagrams.map((datagram) => datagram.length);
  expect(Math.max(...sizes)).toBeLessThanOrEqual(mtu);
  expect(Math.max(...sizes)).toBeGreaterThan(mtu - 16);
  expect(sizes.length).toBeGreaterThan(chainBytes / mtu);
}

const units = [256, 576, 1400];
// The command counts the headers of IPv4 and UDP in; and it must fragment too.
const theirs = (mtu: number): string[] => ['-mtu', String(mtu + 28)];

describe('a server with a certificate chain that must fragment', () => {
  async function serve(mtu: number, settings: QSslConfiguration): Promise<LoopbackServer> {
    const server = await LoopbackServer.open(settings, { setUp: (dtls) => dtls.setMtuHint(mtu) });
    sockets.push(server.socket);
    return server;
  }

  async function converse(association: LiveAssociation, client: OpensslPeer): Promise<void> {
    association.say(`${messageOf500}from the server\n`);
    await client.waitFor(/x{499}\nfrom the server/);
    client.type(`${messageOf500}from the client`);
    await association.heard('from the client');
    expect(association.failures).toEqual([]);
  }

  it.each(units)('sends no handshake datagram above %i bytes to openssl s_client', async (mtu) => {
    const server = await serve(mtu, mutual());
    const command = OpensslPeer.client(server.port, ...root, ...showArguments(chain, files), '-verify_return_error');
    const association = await server.client();
    await association.encrypted();
    expectFragments(server.socket.sent, mtu);
    await converse(association, command);
  });

  it.each(units)('reads the chain of an openssl s_client that fragments at %i bytes', async (mtu) => {
    const server = await serve(mtu, mutual());
    const command = OpensslPeer.client(server.port, ...root, ...showArguments(chain, files), ...theirs(mtu));
    const association = await server.client();
    await association.encrypted();
    expectFragments(server.socket.received, mtu);
    expect(association.dtls.dtlsConfiguration().peerCertificateChain()).toHaveLength(3);
    await converse(association, command);
  });

  it('verifies and reads a client hello in several datagrams', async () => {
    const server = await serve(256, mutual());
    const hello = ['-cipher', 'ALL', '-servername', `${'long.'.repeat(40)}example`, ...theirs(256)];
    const command = OpensslPeer.client(server.port, ...root, ...showArguments(chain, files), ...hello);
    const association = await server.client();
    await association.encrypted();
    const [first, second] = server.socket.received;
    expect([first?.[13], second?.[13]]).toEqual([1, 1]);
    expect(second?.readUIntBE(19, 3)).toBeGreaterThan(0); // its offset in the hello
    await converse(association, command);
  });
});

describe('a client with a certificate chain that must fragment', () => {
  async function connect(port: number, mtu: number, settings: QSslConfiguration): Promise<LiveAssociation> {
    const client = await openClient(port, settings, { setUp: (dtls) => dtls.setMtuHint(mtu) });
    sockets.push(client.socket);
    client.start();
    await client.encrypted();
    return client;
  }

  async function converse(client: LiveAssociation, server: OpensslPeer): Promise<void> {
    client.say(`${messageOf500}from the client\n`);
    await server.waitFor(/x{499}\nfrom the client/);
    server.type(`${messageOf500}from the server`);
    await client.heard('from the server');
    expect(client.failures).toEqual([]);
  }

  it.each(units)('sends no handshake datagram above %i bytes to openssl s_server', async (mtu) => {
    const server = await OpensslPeer.server(...root, ...showArguments(chain, files), '-Verify', '5');
    const client = await connect(server.port, mtu, mutual());
    expectFragments(client.socket.sent, mtu);
    await converse(client, server);
  });

  it.each(units)('reads the chain of an openssl s_server that fragments at %i bytes', async (mtu) => {
    const server = await OpensslPeer.server(...root, ...showArguments(chain, files), ...theirs(mtu));
    const client = await connect(server.port, mtu, mutual());
    expectFragments(client.socket.received, mtu);
    expect(client.dtls.dtlsConfiguration().peerCertificateChain()).toHaveLength(3);
    await converse(client, server);
  });

  it.each([
    ['openssl s_server', []],
    ['openssl s_server -listen', ['-listen']],
  ])('is understood by %s when its hello takes several datagrams', async (_, listening) => {
    const server = await OpensslPeer.server(...listening, ...root, ...showArguments(chain, files));
    const everything = mutual((settings) => settings.setCiphers('ALL'));
    const client = await connect(server.port, 256, everything);
    const hellos = client.socket.sent.filter((datagram) => datagram[0] === 22 && datagram[13] === 1);
    expect(hellos.length).toBeGreaterThan(2);
    await converse(client, server);
  });
});
