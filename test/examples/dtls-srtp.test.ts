import { connect } from '../../lib/endpoint';
import { stopCommands, type Command } from '../support/command';
import { HOST } from '../support/endpoints';
import { startExample } from '../support/examples';
import { OpensslPeer, ScratchFiles } from '../support/openssl';
import { exportedBy, exporting, SRTP_CM } from '../support/srtp';

const files = new ScratchFiles();

beforeAll(async () => {
  await startExample('make-certificates', [], files.folder).end();
});

afterEach(stopCommands);
afterAll(() => files.remove());

/** Where the first four bytes of each part are, in hexadecimal digits: two keys of 16 bytes, two salts of 14. */
const PARTS = { clientKey: 0, serverKey: 2 * 16, clientSalt: 2 * 32, serverSalt: 2 * 46 };

async function startServer(): Promise<{ server: Command; port: number }> {
  const server = startExample('dtls-srtp', ['server', '0'], files.folder);
  const [, port = ''] = await server.waitFor(/ port (\d+)$/m);
  return { server, port: Number(port) };
}

describe('dtls-srtp.mjs', () => {
  it('cuts the keys out of what openssl exports too, in the order of RFC 5764', async () => {
    const { server, port } = await startServer();
    const identity = ['-cert', files.path('certificates/client.pem'), '-key', files.path('certificates/client-key.pem')];
    const client = OpensslPeer.client(port, ...identity, '-use_srtp', SRTP_CM, ...exporting);
    const material = await exportedBy(client);
    const part = (start: number): string => `${material.slice(start, start + 8)}...`;
    const clientKeys = `${part(PARTS.clientKey)} with salt ${part(PARTS.clientSalt)}`;
    const serverKeys = `${part(PARTS.serverKey)} with salt ${part(PARTS.serverSalt)}`;
    await server.waitFor(/client writes with.*\n/);
    expect(server.output).toContain(`server: ${SRTP_CM}, client writes with ${clientKeys}, server with ${serverKeys}\n`);
  });

  it('has no keys for a certificate with another fingerprint, though the same CA has signed it', async () => {
    const { server, port } = await startServer();
    const identity = { cert: files.read('certificates/server.pem'), key: files.read('certificates/server-key.pem') };
    const session = connect(HOST, port, { ...identity, ca: files.read('certificates/ca.pem'), srtp: SRTP_CM });
    await session.opened;
    await session.closed;
    server.signal('SIGINT');
    expect(await server.end()).toBe(0);
    expect(server.output).not.toContain('client writes with');
  });
});
