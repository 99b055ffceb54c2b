import type { ConnectOptions, DTLSSession, ListenOptions } from '../../lib/endpoint';
import { connect } from '../../lib/endpoint';
import { stopCommands } from '../support/command';
import { opensslPsk } from '../support/credentials';
import { clientTrust, closeEverything, credentials, HOST, portOf, serve, serverIdentity } from '../support/endpoints';
import { OpensslPeer, ScratchFiles } from '../support/openssl';
import { PSK } from '../support/pair';
import { exportedBy, exporting, SRTP_CM, SRTP_GCM, SRTP_KEYS, SRTP_LABEL } from '../support/srtp';

const files = new ScratchFiles();
const sessions: DTLSSession[] = [];

afterEach(async () => {
  await Promise.all(sessions.splice(0).map((session) => session.close().catch(() => undefined)));
  await closeEverything();
  await stopCommands();
});

afterAll(() => files.remove());

interface Case {
  readonly name: string;
  readonly server: Partial<ListenOptions>;
  readonly client: ConnectOptions;
  readonly clientArgs: () => readonly string[];
  readonly serverArgs: () => readonly string[];
}

const cases: readonly Case[] = [
  {
    name: 'a certificate',
    server: serverIdentity,
    client: clientTrust,
    clientArgs: () => ['-CAfile', files.write('root.pem', credentials.server.rootPem), '-verify_return_error'],
    serverArgs: () => [
      ...['-cert', files.write('own.pem', credentials.server.certificatePem)],
      ...['-key', files.write('key.pem', credentials.server.keyPem)],
    ],
  },
  {
    name: 'a pre-shared key',
    server: { psk: { alice: PSK } },
    client: { psk: { identity: 'alice', key: PSK } },
    clientArgs: () => opensslPsk,
    serverArgs: () => ['-nocert', ...opensslPsk],
  },
];

interface Ends {
  readonly session: DTLSSession;
  readonly command: OpensslPeer;
}

async function withClient(which: Case, options: Partial<ListenOptions>, args: readonly string[]): Promise<Ends> {
  const accepted = new Promise<Ends>((resolve) => {
    const endpoint = serve((session) => resolve({ session, command }), { ...which.server, ...options });
    const command = OpensslPeer.client(portOf(endpoint), ...which.clientArgs(), ...args);
  });
  const { session } = await accepted;
  await session.opened;
  return accepted;
}

async function withServer(which: Case, options: ConnectOptions, args: readonly string[]): Promise<Ends> {
  const command = await OpensslPeer.server(...which.serverArgs(), ...args);
  const session = connect(HOST, command.port, { ...which.client, ...options });
  sessions.push(session);
  await session.opened;
  return { session, command };
}

const ends = [
  ['an endpoint and openssl s_client', withClient],
  ['a session and openssl s_server', withServer],
] as const;

describe.each(ends)('%s', (_, meet) => {
  it.each(cases)('agree on an SRTP profile and the same keys, by $name', async (which) => {
    const { session, command } = await meet(which, { srtp: `${SRTP_GCM}:${SRTP_CM}` }, ['-use_srtp', SRTP_CM, ...exporting]);
    await command.waitFor(new RegExp(`SRTP Extension negotiated, profile=${SRTP_CM}`));
    expect(session.srtpProfile).toBe(SRTP_CM);
    expect(session.exportKeyingMaterial(SRTP_KEYS, SRTP_LABEL).toString('hex')).toBe(await exportedBy(command));
  });

  it.each(cases)('go on without SRTP when they have no profile in common, by $name', async (which) => {
    const { session, command } = await meet(which, { srtp: SRTP_GCM }, ['-use_srtp', SRTP_CM]);
    expect(session.srtpProfile).toBeUndefined();
    session.send('hello\n');
    await command.waitFor(/hello/);
    expect(command.output).not.toContain('SRTP Extension negotiated');
  });

  it.each(cases)('agree on an application protocol, by $name', async (which) => {
    const { session, command } = await meet(which, { alpn: ['coap', 'x'] }, ['-alpn', 'y,coap']);
    await command.waitFor(/ALPN protocol(s selected)?: coap/);
    expect(session.alpnProtocol).toBe('coap');
  });
});
