import { HandshakeState, SslProtocol } from '../../lib';
import { Command, stopCommands } from '../support/command';
import { interopCases, opensslArguments, opensslPsk, settingsFor, type InteropCase } from '../support/credentials';
import { LOOPBACK, LoopbackServer, openClient, type LiveAssociation } from '../support/loopback';
import { OpensslPeer, ScratchFiles } from '../support/openssl';
import { pskConfiguration } from '../support/pair';

// One suite of each way to protect a record: what is sent when all is said goes through it as well.
const ciphers = [
  'ECDHE-ECDSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-CCM8',
  'ECDHE-RSA-AES128-SHA256',
  'PSK-AES128-CCM8',
];
const cases = interopCases.filter((which) => ciphers.includes(which.cipher) && which.mutual !== true);

const files = new ScratchFiles();
let ours: { close: () => void } | undefined;

afterEach(async () => {
  ours?.close();
  await stopCommands();
});

afterAll(() => files.remove());

async function serverAndCommand(which: InteropCase): Promise<{ association: LiveAssociation; client: OpensslPeer }> {
  const server = await LoopbackServer.open(settingsFor('server', which));
  ours = server.socket;
  const client = OpensslPeer.client(server.port, ...opensslArguments('client', which, files));
  const association = await server.client();
  await association.encrypted();
  return { association, client };
}

async function commandAndClient(which: InteropCase): Promise<{ client: LiveAssociation; server: OpensslPeer }> {
  const server = await OpensslPeer.server(...opensslArguments('server', which, files));
  const client = await openClient(server.port, settingsFor('client', which));
  ours = client.socket;
  client.start();
  await client.encrypted();
  return { client, server };
}

describe('a close_notify', () => {
  it.each(cases)('of openssl s_client ends our server side: $name', async (which) => {
    const { association, client } = await serverAndCommand(which);
    await client.waitFor(/Verify return code/); // it reads no commands before
    client.type('Q');
    expect(await association.failed()).toMatch(/^RemoteClosedConnectionError: /);
    expect(association.dtls.handshakeState()).toBe(HandshakeState.HandshakeNotStarted);
  });

  it.each(cases)('of our server is understood by openssl s_client: $name', async (which) => {
    const { association, client } = await serverAndCommand(which);
    expect(association.dtls.shutdown(association.socket)).toBe(true);
    await client.waitFor(/^closed$/m);
  });

  it('of openssl s_server ends our client, in DTLS 1.0 by explicit choice', async () => {
    // In DTLS 1.2 the command closes its socket before it could say goodbye.
    const suite = 'PSK-AES128-CBC-SHA';
    const own = ['-cipher', `${suite}:@SECLEVEL=0`, '-nocert', ...opensslPsk];
    const server = new Command('openssl', ['s_server', '-dtls1', '-accept', `${LOOPBACK}:0`, ...own]);
    const [, port] = await server.waitFor(/ACCEPT \S+:(\d+)/);
    const settings = pskConfiguration((old) => {
      old.setProtocol(SslProtocol.DtlsV1_0);
      old.setBackendConfigurationOption('CipherString', `${suite}:@SECLEVEL=0`);
    });
    const client = await openClient(Number(port), settings);
    ours = client.socket;
    client.start();
    await client.encrypted();
    expect(client.dtls.sessionProtocol()).toBe(SslProtocol.DtlsV1_0);
    server.type('from the server');
    await client.heard('from the server');
    server.type('q');
    expect(await client.failed()).toMatch(/^RemoteClosedConnectionError: /);
    expect(client.dtls.handshakeState()).toBe(HandshakeState.HandshakeNotStarted);
  });

  it.each(cases)('of our client makes openssl s_server ready for the next handshake: $name', async (which) => {
    const { client, server } = await commandAndClient(which);
    expect(client.dtls.shutdown(client.socket)).toBe(true);
    await server.waitFor(/^DONE$/m);
    client.start();
    await client.encrypted();
    server.type('welcome back');
    await client.heard('welcome back');
    expect(client.failures).toEqual([]);
  });
});

describe('an established association with openssl s_server', () => {
  it.each(cases)('is not moved by cleartext on its socket: $name', async (which) => {
    const { client, server } = await commandAndClient(which);
    const before = client.socket.received.length;
    server.type('P');
    await client.until(() => client.socket.received.length > before, 'the cleartext');
    expect(client.socket.received.at(-1)?.toString()).toContain('clear text');
    server.type('and a genuine message');
    await client.heard('and a genuine message');
    expect(client.messages.join()).not.toContain('clear text');
    expect(client.failures).toEqual([]);
  });
});
