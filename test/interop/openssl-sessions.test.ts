import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { QSslConfiguration} from '../../lib';
import { type QDtlsServerNameRequest } from '../../lib';
import { stopCommands } from '../support/command';
import { opensslArguments, settingsFor, type InteropCase } from '../support/credentials';
import { interopCases } from '../support/credentials';
import { LoopbackServer, openClient, type LiveAssociation } from '../support/loopback';
import { choose, meter, sensor } from '../support/name-choices';
import { OpensslPeer, ScratchFiles } from '../support/openssl';
import { persistent, withTicket } from '../support/sessions';

const directory = mkdtempSync(path.join(tmpdir(), 'qdtls-sessions-'));
const files = new ScratchFiles();
const clients: LiveAssociation[] = [];
let server: LoopbackServer | undefined;

afterEach(async () => {
  for (const client of clients.splice(0)) client.socket.close();
  server?.socket.close();
  server = undefined;
  await stopCommands();
});

afterAll(() => {
  files.remove();
  rmSync(directory, { recursive: true });
});

const cases = interopCases.filter(({ name }) => ['ECDSA, AES128-GCM', 'mutual ECDSA', 'PSK, AES128-GCM'].includes(name));

/** One handshake of ours with `openssl s_server`; its session. */
async function connect(port: number, settings: QSslConfiguration): Promise<LiveAssociation> {
  const client = await openClient(port, settings);
  clients.push(client);
  client.start();
  await client.encrypted();
  client.say('from the client\n');
  return client;
}

describe.each(cases)('with $name', (which: InteropCase) => {
  it('our client continues its session with openssl s_server', async () => {
    const peer = await OpensslPeer.server(...opensslArguments('server', which, files));
    const settings = settingsFor('client', which, (own) => persistent(own));
    const first = await connect(peer.port, settings);
    await peer.waitFor(/from the client/);
    const ticket = first.dtls.dtlsConfiguration().sessionTicket();
    expect(ticket.length).toBeGreaterThan(0);
    expect(first.dtls.dtlsConfiguration().sessionTicketLifeTimeHint()).toBeGreaterThan(0);
    first.dtls.shutdown(first.socket);

    await peer.waitFor(/DONE|ACCEPT[^]*ACCEPT|shutdown/i);
    const second = await connect(peer.port, withTicket(settings, ticket));
    expect(first.dtls.isSessionReused()).toBe(false);
    expect(second.dtls.isSessionReused()).toBe(true);
    await peer.waitFor(/Reused session-id/);
    peer.type('from the server');
    await second.heard('from the server');
    expect(second.failures).toEqual([]);
  });

  it('openssl s_client continues its session with our server', async () => {
    server = await LoopbackServer.open(settingsFor('server', which, (own) => persistent(own)));
    const session = path.join(directory, `${which.cipher}-${which.mutual === true}.pem`);
    const args = opensslArguments('client', which, files);
    const first = OpensslPeer.client(server.port, '-sess_out', session, ...args);
    await first.waitFor(/New, TLSv1.2/);
    const begun = await server.client(0);
    await begun.encrypted();
    first.type('Q');
    await begun.failed();

    const second = OpensslPeer.client(server.port, '-sess_in', session, ...args);
    await second.waitFor(/Reused, TLSv1.2/);
    const continued = await server.client(1);
    await continued.encrypted();
    expect(continued.dtls.isSessionReused()).toBe(true);
    second.type('from the client');
    await continued.heard('from the client');
    continued.say('from the server\n');
    await second.waitFor(/from the server/);
    expect(continued.failures).toEqual([]);
  });
});

describe('openssl s_client -servername', () => {
  it.each([sensor, meter])('meets $name', async ({ name, issued }) => {
    server = await LoopbackServer.open(sensor.server, {
      setUp: (dtls) =>
        dtls.on('serverNameRequired', (request: QDtlsServerNameRequest) => {
          request.waitUntil(new Promise((resolve) => setImmediate(resolve)).then(() => choose(request)));
        }),
    });
    const root = files.write('root.pem', issued.rootPem);
    const peer = OpensslPeer.client(server.port, '-servername', name, '-verify_hostname', name, '-verify_return_error', '-CAfile', root);
    await peer.waitFor(/Verification: OK/);
    const client = await server.client();
    await client.encrypted();
    expect(client.dtls.serverName()).toBe(name);
  });
});

it('openssl s_server shows the certificate of the name that our client asks for', async () => {
  const second = ['-servername', meter.name, '-cert2', files.write('c2.pem', meter.issued.certificatePem), '-key2', files.write('k2.pem', meter.issued.keyPem)];
  const own = ['-cert', files.write('c.pem', sensor.issued.certificatePem), '-key', files.write('k.pem', sensor.issued.keyPem)];
  const peer = await OpensslPeer.server(...own, ...second);
  const client = await openClient(peer.port, settingsFor('client', { name: '', cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256' }), {
    setUp: (dtls) => dtls.setServerName(meter.name),
  });
  clients.push(client);
  client.start();
  await client.encrypted();
  expect(client.dtls.dtlsConfiguration().peerCertificate().toDer()).toEqual(meter.issued.certificateDer);
});
