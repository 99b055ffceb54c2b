import { randomInt } from 'node:crypto';
import { HandshakeState, type QDtls } from '../../lib';
import { makeChain } from '../support/certificates';
import { demand, show } from '../support/credentials';
import { LoopbackServer, openClient, type LiveAssociation } from '../support/loopback';
import { configuration, PSK, pskConfiguration } from '../support/pair';
import { Random } from '../support/random';
import { patient } from '../support/timers';

const settings = pskConfiguration((own) => own.setCiphers('ECDHE-PSK-CHACHA20-POLY1305'));
const chain = makeChain(1, { padding: 400 });
const withChain = {
  server: configuration((own) => show(own, chain)),
  client: configuration((own) => demand(own, chain)),
};
const sockets: { close: () => void }[] = [];

afterEach(() => {
  for (const socket of sockets.splice(0)) socket.close();
});

function impatient(dtls: QDtls): void {
  dtls.setRetransmissionTimeouts({ initial: 40, maximum: 160 });
}

async function connect(
  { client, server } = { client: settings, server: settings },
  setUp: { client?: (dtls: QDtls) => void; server?: (dtls: QDtls) => void } = {},
): Promise<{ client: LiveAssociation; server: LoopbackServer }> {
  const opened = await LoopbackServer.open(server, { setUp: setUp.server ?? impatient });
  const connecting = await openClient(opened.port, client, { setUp: setUp.client ?? impatient });
  sockets.push(opened.socket, connecting.socket);
  return { client: connecting, server: opened };
}

async function expectConversation(client: LiveAssociation, server: LiveAssociation): Promise<void> {
  client.say('to the server');
  server.say('to the client');
  await server.heard('to the server');
  await client.heard('to the client');
  expect([client.failures, server.failures]).toEqual([[], []]);
}

describe('a handshake', () => {
  // Datagrams of each side, by their number in the order of sending.
  it.each([
    { lost: 'the first hello', client: [0], server: [] },
    { lost: 'the first hello three times', client: [0, 1, 2], server: [] },
    { lost: 'the request for a cookie', client: [], server: [0] },
    { lost: 'the hello with the cookie', client: [1], server: [] },
    { lost: 'the server\'s flight', client: [], server: [1] },
    { lost: 'the client\'s key exchange', client: [2], server: [] },
    { lost: 'the server\'s last flight', client: [], server: [2] },
    { lost: 'the first datagrams of both sides', client: [0, 1, 2, 3], server: [0, 1, 2] },
  ])('is saved by the timers when the network loses $lost', async (lost) => {
    const { client, server } = await connect();
    client.socket.loses = (_, index) => lost.client.includes(index);
    server.socket.loses = (_, index) => lost.server.includes(index);
    client.start();
    await client.encrypted();
    const association = await server.client();
    await association.encrypted();
    expect(client.socket.sent.length).toBeGreaterThan(Math.max(-1, ...lost.client));
    await expectConversation(client, association);
  });

  it('is saved by the timers when a third of the first datagrams is lost, certificates in fragments included', async () => {
    const seed = randomInt(2 ** 31);
    const random = new Random(seed);
    const small = (dtls: QDtls): void => {
      impatient(dtls);
      dtls.setMtuHint(400);
    };
    const { client, server } = await connect(withChain, { client: small, server: small });
    for (const { socket } of [client, server]) socket.loses = (_, index) => index < 15 && random.below(3) === 0;
    client.start();
    const outcome = await Promise.allSettled([client.encrypted(), server.client().then((one) => one.encrypted())]);
    expect({ seed, failed: outcome.filter(({ status }) => status === 'rejected') }).toEqual({ seed, failed: [] });
    client.socket.loses = server.socket.loses = () => false;
    await expectConversation(client, await server.client());
  });

  it('of each of ten clients is saved by the timers when a quarter of the first datagrams is lost', async () => {
    const seed = randomInt(2 ** 31);
    const random = new Random(seed);
    const server = await LoopbackServer.open(settings, { setUp: impatient });
    const clients = await Promise.all(Array.from({ length: 10 }, () => openClient(server.port, settings, { setUp: impatient })));
    for (const { socket } of [server, ...clients]) {
      sockets.push(socket);
      // Not for ever: OpenSSL gives up after twelve repetitions.
      socket.loses = (_, index) => index < (socket === server.socket ? 60 : 6) && random.below(4) === 0;
    }
    for (const client of clients) client.start();
    const outcomes = await Promise.allSettled(clients.map((client) => client.encrypted()));
    expect({ seed, failed: outcomes.filter(({ status }) => status === 'rejected') }).toEqual({ seed, failed: [] });
  });

  it('repeats nothing when nothing is lost', async () => {
    const { client, server } = await connect(undefined, { client: patient, server: patient });
    client.start();
    await client.encrypted();
    await expectConversation(client, await server.client());
    // Two hellos, the key exchange with its Finished, one message; the request for a cookie, two flights, one message.
    expect([client.socket.sent.length, server.socket.sent.length]).toEqual([4, 4]);
  });
});

describe('a handshake with another pre-shared key', () => {
  it('ends on both sides by the deadline with TlsFatalError', async () => {
    const deadline = (milliseconds: number) => (dtls: QDtls) => {
      impatient(dtls);
      dtls.setHandshakeDeadline(milliseconds);
    };
    const { client, server } = await connect(undefined, { client: deadline(1000), server: deadline(1500) });
    client.dtls.on('pskRequired', (authenticator) => authenticator.setPreSharedKey(Buffer.from(PSK).reverse()));
    client.start();
    const association = await server.client();
    for (const [side, milliseconds] of [
      [client, 1000],
      [association, 1500],
    ] as const) {
      await side.until(() => side.dtls.handshakeState() === HandshakeState.HandshakeNotStarted, 'the deadline');
      expect(side.dtls.dtlsErrorString()).toMatch(`${milliseconds} ms`);
      side.take(Buffer.alloc(0)); // looks at the error slot
      expect(side.failures).toEqual([expect.stringMatching(/^TlsFatalError: /)]);
    }
  });

  it('leaves the object ready for a handshake with the right one', async () => {
    const { client, server } = await connect(undefined, {
      client: (dtls) => {
        impatient(dtls);
        dtls.setHandshakeDeadline(1000);
      },
    });
    const useWrongKey = jest.fn((authenticator: { setPreSharedKey: (key: string) => void }) => authenticator.setPreSharedKey('wrong'));
    client.dtls.once('pskRequired', useWrongKey);
    client.start();
    const first = await server.client();
    await client.until(() => client.dtls.handshakeState() === HandshakeState.HandshakeNotStarted, 'the deadline');
    expect(useWrongKey).toHaveBeenCalledTimes(1);
    first.dtls.abortHandshake(first.socket);
    client.start();
    await client.encrypted();
    await expectConversation(client, await server.client(1));
  });
});
