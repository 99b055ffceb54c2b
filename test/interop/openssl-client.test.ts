import { SslProtocol } from '../../lib';
import { stopCommands } from '../support/command';
import { cookieRequests, interopCases, opensslArguments, settingsFor } from '../support/credentials';
import { LoopbackServer } from '../support/loopback';
import { OpensslPeer, ScratchFiles } from '../support/openssl';

const files = new ScratchFiles();
let server: LoopbackServer | undefined;

afterEach(async () => {
  await stopCommands();
  server?.socket.close();
});

afterAll(() => files.remove());

describe.each([
  ['with cookies', true],
  ['without cookies', false],
])('a server %s and openssl s_client', (_, cookies) => {
  it.each(interopCases)('agree on $name', async (which) => {
    const settings = settingsFor('server', which, (own) => own.setDtlsCookieVerificationEnabled(cookies));
    server = await LoopbackServer.open(settings);
    const client = OpensslPeer.client(server.port, ...opensslArguments('client', which, files));
    const association = await server.client();
    await association.encrypted();

    association.say('from the server\n');
    await client.waitFor(/from the server/);
    client.type('from the client');
    await association.heard('from the client');

    expect(association.failures).toEqual([]);
    expect(association.dtls.sessionCipher().name()).toBe(which.cipher);
    expect(association.dtls.sessionProtocol()).toBe(SslProtocol.DtlsV1_2);
    await client.waitFor(new RegExp(`Cipher is ${which.cipher}\n`));
    await client.waitFor(/Protocol *: DTLSv1\.2/);
    expect(cookieRequests(server.socket.sent)).toBe(cookies ? 1 : 0);
    const shown = association.dtls.dtlsConfiguration().peerCertificate().toDer();
    expect(shown).toEqual(which.mutual === true ? which.credentials?.client.certificateDer : Buffer.alloc(0));
  });
});
