import { connect, type ConnectOptions, type DTLSSession, type ListenOptions } from '../../lib/endpoint';
import { Command, stopCommands } from '../support/command';
import { ask, clientTrust, closeEverything, HOST, serveEcho } from '../support/endpoints';
import { ScratchFiles } from '../support/openssl';
import { describeWith } from '../support/programs';
import { TappedSocket } from '../support/tapped-socket';

const files = new ScratchFiles();
const sockets: TappedSocket[] = [];

afterEach(async () => {
  await stopCommands();
  await closeEverything();
  for (const socket of sockets.splice(0)) socket.close();
});

afterAll(() => files.remove());

interface Options {
  readonly server?: Partial<ListenOptions>;
  readonly client?: ConnectOptions;
  /** Hears of the session of each side before its handshake. */
  readonly onSession?: (side: 'server' | 'client', session: DTLSSession) => void;
}

/** What was captured: a file, and the port that says what is DTLS. */
interface Captured {
  readonly file: string;
  readonly port: number;
}

/** A session from its hello to its goodbye, with a message and its echo between them. */
async function exchange({ server = {}, client = clientTrust, onSession = () => undefined }: Options): Promise<Captured> {
  const socket = await TappedSocket.open();
  sockets.push(socket);
  const { port } = socket.address();
  const retransmission = { initial: 60_000 }; // everything is captured once
  const endpoint = serveEcho({ ...server, retransmission, socket });
  endpoint.on('session', (served) => onSession('server', served));
  const session = connect(HOST, port, { ...client, retransmission });
  onSession('client', session);
  await session.opened;
  expect(await ask(session, 'attack at dawn')).toBe('attack at dawn');
  const [served] = endpoint.sessions;
  await session.close();
  await served?.closed;
  return { file: files.write('capture.pcap', socket.capture.toFile()), port };
}

/** The records that tshark could read: content type, handshake types, message, description of an alert. */
async function dissected({ file, port }: Captured, keyLog: string): Promise<string[][]> {
  const fields = ['dtls.record.content_type', 'dtls.handshake.type', 'data.data', 'dtls.alert_message.desc'];
  const command = new Command('tshark', [
    ...['-r', file, '-o', `tls.keylog_file:${keyLog}`, '-d', `udp.port==${port},dtls`, '-T', 'fields', '-E', 'separator=|'],
    ...fields.flatMap((field) => ['-e', field]),
  ]);
  expect(await command.end()).toBe(0);
  return command.output.split('\n').filter((line) => line.includes('|')).map((line) => line.split('|'));
}

const MESSAGE = Buffer.from('attack at dawn').toString('hex');
const FINISHED = '20';
const CLOSE_NOTIFY = '0';

/** Reads the capture with the key log, and expects everything to be plain. */
async function expectPlaintext(captured: Captured, keyLog: string): Promise<void> {
  const records = await dissected(captured, keyLog);
  expect(records.filter(([, , message]) => message === MESSAGE)).toHaveLength(2);
  expect(records.filter(([, types = '']) => types.split(',').includes(FINISHED))).toHaveLength(2);
  expect(records.at(-1)).toEqual(['21', '', '', CLOSE_NOTIFY]);
}

const psk = (ciphers: string): Options => {
  const client = { ciphers, psk: { identity: 'alice', key: 'secret' } };
  return { server: { ciphers, psk: { alice: 'secret' } }, client };
};

const certificate = (ciphers: string): Options => ({ server: { ciphers }, client: { ...clientTrust, ciphers } });

describeWith('tshark')('tshark', () => {
  // tshark 4.0 cannot read ChaCha20 under DTLS, whoever wrote it.
  it.each([
    ['ECDHE-ECDSA-AES256-GCM-SHA384', certificate],
    ['ECDHE-ECDSA-AES128-SHA256', certificate],
    ['ECDHE-ECDSA-AES128-CCM8', certificate],
    ['PSK-AES256-GCM-SHA384', psk],
    ['PSK-AES128-CCM8', psk],
  ])('reads an exchange by %s with the keyLogFile of the server', async (ciphers, optionsFor) => {
    const keyLogFile = files.write('keys.log', '');
    const { server, ...rest } = optionsFor(ciphers);
    await expectPlaintext(await exchange({ ...rest, server: { ...server, keyLogFile } }), keyLogFile);
  });

  it('reads an exchange with the keyLogFile of the client', async () => {
    const keyLogFile = files.write('keys.log', '');
    await expectPlaintext(await exchange({ client: { ...clientTrust, keyLogFile } }), keyLogFile);
  });

  it.each(['server', 'client'] as const)('reads an exchange with what the %s hears by keylog', async (side) => {
    const events: string[] = [];
    const calls: string[] = [];
    const captured = await exchange({
      onSession: (ofSide, session) => {
        if (ofSide !== side) return;
        session.on('keylog', (line) => events.push(line));
        session.onkeylog = (line) => void calls.push(line);
      },
    });
    expect(calls).toEqual(events);
    await expectPlaintext(captured, files.write('keys.log', `${events.join('\n')}\n`));
  });

  it('reads several sessions with one keyLogFile', async () => {
    const keyLogFile = files.write('keys.log', '');
    await exchange({ server: { keyLogFile } });
    await expectPlaintext(await exchange({ server: { keyLogFile } }), keyLogFile);
    expect(files.read('keys.log').match(/^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}$/gm)).toHaveLength(2);
  });

  it('reads no message without them', async () => {
    const records = await dissected(await exchange({}), files.write('keys.log', ''));
    expect(records.filter(([type]) => type === '23')).toEqual([['23', '', '', ''], ['23', '', '', '']]);
    expect(records.filter(([, types = '']) => types.split(',').includes(FINISHED))).toEqual([]);
  });
});
