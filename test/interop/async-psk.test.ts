import { HandshakeState, type QSslPreSharedKeyAuthenticator } from '../../lib';
import { stopCommands } from '../support/command';
import { interopCases, opensslArguments, opensslPsk, settingsFor } from '../support/credentials';
import { LoopbackServer, openClient } from '../support/loopback';
import { OpensslPeer, ScratchFiles } from '../support/openssl';
import { pskConfiguration } from '../support/pair';
import { answerAfter } from '../support/slow-keys';

const WAIT = 300;
const files = new ScratchFiles();
const cases = interopCases.filter(({ cipher }) => cipher.includes('PSK'));
let socket: { close: () => void } | undefined;

afterEach(async () => {
  await stopCommands();
  socket?.close();
  socket = undefined;
});

afterAll(() => files.remove());

describe('a server whose keys come from a database, and openssl s_client', () => {
  it.each(cases)('agree on $name', async (which) => {
    const server = await LoopbackServer.open(settingsFor('server', which), { answer: answerAfter(WAIT) });
    socket = server.socket;
    const client = OpensslPeer.client(server.port, ...opensslArguments('client', which, files));
    const association = await server.client();
    const began = performance.now();
    await association.encrypted();
    expect(performance.now() - began).toBeGreaterThan(WAIT - 50); // it was asked after it began
    association.say('from the server\n');
    await client.waitFor(/from the server/);
    client.type('from the client');
    await association.heard('from the client');
    expect(association.dtls.sessionCipher().name()).toBe(which.cipher);
  });

  it('refuses the identity of which the database knows nothing, and serves the next client', async () => {
    const identities: string[] = [];
    const lookUp = (authenticator: QSslPreSharedKeyAuthenticator): void => {
      identities.push(authenticator.identity().toString());
      if (identities.length > 1) answerAfter(50)(authenticator);
      else authenticator.waitUntil(Promise.reject(new Error('no such client')));
    };
    const server = await LoopbackServer.open(pskConfiguration(), { answer: lookUp });
    socket = server.socket;
    const stranger = OpensslPeer.client(server.port, '-psk_identity', 'mallory', '-psk', '00');
    const refused = await server.client();
    await refused.until(() => refused.dtls.handshakeState() === HandshakeState.HandshakeNotStarted, 'the refusal');
    expect(refused.dtls.dtlsErrorString()).toMatch(/could not be fetched: no such client/);
    await stranger.waitFor(/unknown psk identity/);
    OpensslPeer.client(server.port, ...opensslPsk);
    await (await server.client(1)).encrypted();
    expect(identities).toEqual(['mallory', 'alice']);
  });
});

describe('a client whose key comes from a database, and openssl s_server', () => {
  it.each(cases)('agree on $name', async (which) => {
    const hint = ['-psk_hint', 'look it up'];
    const server = await OpensslPeer.server('-listen', ...opensslArguments('server', which, files), ...hint);
    const hints: string[] = [];
    const client = await openClient(server.port, settingsFor('client', which), {
      answer: (authenticator) => {
        hints.push(authenticator.identityHint().toString());
        answerAfter(WAIT)(authenticator);
      },
    });
    socket = client.socket;
    const began = performance.now();
    client.start();
    await client.encrypted();
    expect(performance.now() - began).toBeGreaterThan(WAIT - 5);
    expect(hints).toEqual(['look it up']);
    client.say('from the client\n');
    await server.waitFor(/from the client/);
    server.type('from the server');
    await client.heard('from the server');
  });
});
