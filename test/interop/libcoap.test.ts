import type { ListenOptions } from '../../lib/endpoint';
import { serveCoap, stopCoap } from '../support/coap';
import { Command, stopCommands } from '../support/command';
import { clientIdentity, closeEverything, credentials, HOST, portOf } from '../support/endpoints';
import { ScratchFiles } from '../support/openssl';
import { describeWith } from '../support/programs';

const files = new ScratchFiles();

afterEach(async () => {
  stopCoap();
  await stopCommands();
  await closeEverything();
});

afterAll(() => files.remove());

const KEY = 'secret';
const psk = { psk: { alice: KEY } };
const asAlice = ['-u', 'alice', '-k', KEY];

const trusted = (): string => files.write('root.pem', credentials.server.rootPem);
const asClient = (): string[] => [
  ...['-c', files.write('own.pem', clientIdentity.cert), '-j', files.write('key.pem', clientIdentity.key)],
  ...['-C', trusted()],
];

interface Row {
  readonly name: string;
  /** What the server restricts itself to. */
  readonly options: Partial<ListenOptions>;
  readonly args: () => readonly string[];
  /** OpenSSL's name of the suite agreed upon. */
  readonly cipher: string;
}

const withKey = (cipher: string): Row => {
  return { name: `a pre-shared key, ${cipher}`, options: { ...psk, ciphers: cipher }, args: () => asAlice, cipher };
};

const withCertificate = (cipher: string): Row => {
  return { name: `a certificate, ${cipher}`, options: { ciphers: cipher }, args: () => ['-R', trusted()], cipher };
};

const rows: readonly Row[] = [
  withKey('PSK-AES128-CCM8'), // what RFC 7252 section 9.1.3.1 demands
  withKey('PSK-AES128-GCM-SHA256'),
  withKey('ECDHE-PSK-CHACHA20-POLY1305'),
  withCertificate('ECDHE-ECDSA-AES128-CCM8'), // RFC 7252 section 9.1.3.3
  withCertificate('ECDHE-ECDSA-AES256-GCM-SHA384'),
  {
    name: 'certificates on both sides',
    options: { requestCert: true, ca: credentials.server.rootPem, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
    args: asClient,
    cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  },
];

/** Runs the command to its end, and says what it wrote and which suites the server saw. */
async function get(program: string, options: Partial<ListenOptions>, args: readonly string[]): Promise<[string, string[]]> {
  const endpoint = serveCoap((request, response) => response.end(`${request.method} ${request.url}`), options);
  const suites: string[] = [];
  endpoint.on('session', (session) => session.on('handshake', () => suites.push(session.cipher.name)));
  const patience = ['-B', '5'];
  const command = new Command(program, [...patience, ...args, `coaps://${HOST}:${portOf(endpoint)}/lamp`]);
  await command.end();
  return [command.output, suites];
}

for (const program of ['coap-client-openssl', 'coap-client-gnutls']) {
  describeWith(program)(`npm's coap over an endpoint and libcoap's ${program}`, () => {
    it.each(rows)('agree on $name', async ({ options, args, cipher }) => {
      expect(await get(program, options, args())).toEqual([expect.stringContaining('GET /lamp'), [cipher]]);
    });

    it('do not agree on a wrong key', async () => {
      const [output, suites] = await get(program, psk, ['-u', 'alice', '-k', 'wrong', '-B', '1']);
      expect(output).not.toContain('GET /lamp');
      expect(suites).toEqual([]);
    });

    it('do not agree when the server wants a certificate and gets none', async () => {
      const options = { requestCert: true, ca: credentials.server.rootPem };
      const [output, suites] = await get(program, options, ['-R', trusted(), '-B', '1']);
      expect(output).not.toContain('GET /lamp');
      expect(suites).toEqual([]);
    });

    it('download in blocks', async () => {
      const payload = 'block by block. '.repeat(200);
      const endpoint = serveCoap((_request, response) => response.end(payload), psk);
      const url = `coaps://${HOST}:${portOf(endpoint)}/large`;
      const command = new Command(program, ['-B', '5', ...asAlice, '-o', files.path('answer'), url]);
      expect(await command.end()).toBe(0);
      expect(files.read('answer')).toBe(payload);
    });

    it('observe, and are notified', async () => {
      const endpoint = serveCoap((request, response) => {
        response.write('first;');
        if (request.headers.Observe === 0) response.write('second;');
        else response.end();
      }, psk);
      const url = `coaps://${HOST}:${portOf(endpoint)}/state`;
      const command = new Command(program, [...asAlice, '-s', '1', '-B', '2', url]);
      await command.waitFor(/first;second;/);
      expect(await command.end()).toBe(0);
    });
  });
}
