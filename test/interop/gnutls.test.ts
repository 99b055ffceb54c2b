import { SslProtocol } from '../../lib';
import { Command, stopCommands } from '../support/command';
import { cookieRequests, makeCredentials, settingsFor, type InteropCase } from '../support/credentials';
import { freePort, LOOPBACK, LoopbackServer, openClient } from '../support/loopback';
import { ScratchFiles } from '../support/openssl';
import { PSK } from '../support/pair';
import { patient } from '../support/timers';

/** A second implementation, which shares no code with the first. */
interface GnutlsCase extends InteropCase {
  /** GnuTLS's names of the key exchange and the cipher. */
  readonly priority: string;
}

const cases: readonly GnutlsCase[] = [
  {
    name: 'an ECDSA certificate',
    cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256',
    priority: '+ECDHE-ECDSA:+AES-128-GCM',
    credentials: makeCredentials('ec-p256'),
  },
  {
    name: 'RSA certificates on both sides',
    cipher: 'ECDHE-RSA-CHACHA20-POLY1305',
    priority: '+ECDHE-RSA:+CHACHA20-POLY1305',
    credentials: makeCredentials('rsa-2048'),
    mutual: true,
  },
  { name: 'a pre-shared key', cipher: 'PSK-AES128-CCM8', priority: '+PSK:+AES-128-CCM-8' },
  {
    name: 'a pre-shared key and ECDHE',
    cipher: 'ECDHE-PSK-CHACHA20-POLY1305',
    priority: '+ECDHE-PSK:+CHACHA20-POLY1305',
  },
];

const files = new ScratchFiles();
let ours: { close: () => void } | undefined;

afterEach(async () => {
  ours?.close();
  await stopCommands();
});

afterAll(() => files.remove());

/** What both commands are told about a case. */
function argumentsFor(side: 'client' | 'server', { priority, credentials, mutual = false }: GnutlsCase): string[] {
  const all = `NONE:+VERS-DTLS1.2:+MAC-ALL:+SIGN-ALL:+GROUP-ALL:+COMP-NULL:${priority}`;
  const args = ['--udp', '--mtu', '1200', '--priority', all];
  if (credentials === undefined) {
    if (side === 'client') return [...args, '--pskusername', 'alice', '--pskkey', PSK.toString('hex')];
    return [...args, '--pskpasswd', files.write('psk.txt', `alice:${PSK.toString('hex')}\n`)];
  }
  args.push('--x509cafile', files.write('root.pem', credentials.server.rootPem));
  if (side === 'client') args.push('--verify-hostname', 'localhost');
  else args.push(...(mutual ? ['--require-client-cert', '--verify-client-cert'] : ['--disable-client-cert']));
  if (side === 'client' && !mutual) return args;
  const { chainPem, keyPem } = credentials[side];
  return [...args, '--x509certfile', files.write('own.pem', chainPem), '--x509keyfile', files.write('key.pem', keyPem)];
}

describe.each([
  ['with cookies', true],
  ['without cookies', false],
])('a server %s and gnutls-cli', (_, cookies) => {
  // gnutls-cli 3.7.9 crashes when it comes to describe a session of ECDHE-PSK.
  it.each(cases.filter(({ cipher }) => !cipher.startsWith('ECDHE-PSK')))('agree on $name', async (which) => {
    const settings = settingsFor('server', which, (own) => own.setDtlsCookieVerificationEnabled(cookies));
    const server = await LoopbackServer.open(settings);
    ours = server.socket;
    const args = ['-p', String(server.port), ...argumentsFor('client', which), LOOPBACK];
    const client = new Command('gnutls-cli', args);
    const association = await server.client();
    await association.encrypted();

    await client.waitFor(/Handshake was completed/);
    client.type('from the client');
    await association.heard('from the client');
    association.say('from the server\n');
    await client.waitFor(/from the server/);
    expect(association.dtls.sessionCipher().name()).toBe(which.cipher);
    expect(association.dtls.sessionProtocol()).toBe(SslProtocol.DtlsV1_2);
    expect(client.output).toMatch(/^- Description: \(DTLS1\.2-/m);
    expect(association.failures).toEqual([]);

    client.hangUp();
    expect(await association.failed()).toMatch(/^RemoteClosedConnectionError: /);
  });
});

describe.each([
  ['with cookies', []],
  ['without cookies', ['--nocookie']],
])('a client and gnutls-serv %s', (_, cookies) => {
  it.each(cases)('agree on $name', async (which) => {
    const port = await freePort(); // gnutls-serv cannot choose one itself
    const args = ['--echo', '-p', String(port), ...cookies, ...argumentsFor('server', which)];
    const server = new Command('gnutls-serv', args);
    await server.waitFor(/listening on IPv4 .*done/);
    const client = await openClient(port, settingsFor('client', which), { setUp: patient });
    ours = client.socket;
    client.start();
    await client.encrypted();

    client.say('there and back again');
    await client.heard('there and back again');
    expect(client.dtls.sessionCipher().name()).toBe(which.cipher);
    expect(client.dtls.sessionProtocol()).toBe(SslProtocol.DtlsV1_2);
    expect(cookieRequests(client.socket.received)).toBe(cookies.length === 0 ? 1 : 0);
    expect(client.failures).toEqual([]);
    expect(client.dtls.shutdown(client.socket)).toBe(true);
  });
});
