import { SslProtocol } from '../../lib';
import { stopCommands } from '../support/command';
import { cookieRequests, interopCases, opensslArguments, settingsFor } from '../support/credentials';
import { openClient, type LiveAssociation } from '../support/loopback';
import { OpensslPeer, ScratchFiles } from '../support/openssl';
import { patient } from '../support/timers';

const files = new ScratchFiles();
let client: LiveAssociation | undefined;

afterEach(async () => {
  client?.socket.close();
  await stopCommands();
});

afterAll(() => files.remove());

// s_server asks for a cookie in any case; with -listen it keeps nothing about the client until it has it.
describe.each([
  ['openssl s_server', []],
  ['openssl s_server -listen', ['-listen']],
])('a client and %s', (_, listening) => {
  it.each(interopCases)('agree on $name', async (which) => {
    const server = await OpensslPeer.server(...listening, ...opensslArguments('server', which, files));
    client = await openClient(server.port, settingsFor('client', which), { setUp: patient });
    client.start();
    await client.encrypted();

    client.say('from the client\n');
    await server.waitFor(/from the client/);
    server.type('from the server');
    await client.heard('from the server');

    expect(client.failures).toEqual([]);
    expect(client.dtls.sessionCipher().name()).toBe(which.cipher);
    expect(client.dtls.sessionProtocol()).toBe(SslProtocol.DtlsV1_2);
    expect(server.output).toContain(`CIPHER is ${which.cipher}\n`);
    expect(cookieRequests(client.socket.received)).toBe(1);
    const shown = client.dtls.dtlsConfiguration().peerCertificate().toDer();
    expect(shown).toEqual(which.credentials?.server.certificateDer ?? Buffer.alloc(0));
  });
});
