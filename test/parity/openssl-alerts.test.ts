import { stopCommands } from '../support/command';
import { opensslPsk } from '../support/credentials';
import { ContentType, recordsOf } from '../support/dtls-records';
import { LoopbackServer, openClient, type LiveAssociation } from '../support/loopback';
import { OpensslPeer } from '../support/openssl';
import { pskConfiguration } from '../support/pair';
import { statusOf } from '../support/stages';

// The openssl command gives up when its renegotiation is refused: a fatal alert, encrypted, and not made by a
// test. That an association survives the refusal itself is shown in alerts-and-renegotiation.test.ts.

let ours: { close: () => void } | undefined;

afterEach(async () => {
  ours?.close();
  ours = undefined;
  await stopCommands();
});

async function expectFailure(our: LiveAssociation, peer: OpensslPeer, command: 'r' | 'R'): Promise<void> {
  await our.encrypted();
  our.say('hello\n');
  await peer.waitFor(/^hello$/m);
  our.socket.received.length = 0;
  peer.type(command);

  expect(await our.failed()).toMatch(/^TlsFatalError: .*handshake failure/);
  await peer.waitFor(/no renegotiation/);
  const [request, alert, ...more] = our.socket.received.flatMap(recordsOf);
  expect(request).toMatchObject({ type: ContentType.Handshake, epoch: 1 });
  expect(alert).toMatchObject({ type: ContentType.Alert, epoch: 1 });
  expect(more).toEqual([]);
  expect(statusOf(our.dtls)).toEqual({ state: 'HandshakeNotStarted', error: 'TlsFatalError' });
}

it('115. openssl s_server, refused a renegotiation, ends our client with an encrypted alert', async () => {
  const peer = await OpensslPeer.server('-nocert', ...opensslPsk);
  const client = await openClient(peer.port, pskConfiguration());
  ours = client.socket;
  client.start();
  await expectFailure(client, peer, 'r');
});

it('115. openssl s_client, refused a renegotiation, ends our server with an encrypted alert', async () => {
  const server = await LoopbackServer.open(pskConfiguration());
  ours = server.socket;
  const peer = OpensslPeer.client(server.port, ...opensslPsk);
  await expectFailure(await server.client(), peer, 'R');
});
