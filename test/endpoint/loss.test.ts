import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { DTLSSession } from '../../lib/endpoint';
import { clientAt, joinNetwork, NetworkTransport, SERVER } from '../support/endpoint-network';
import { clientTrust, closeEverything, rejection, serve, serveEcho } from '../support/endpoints';
import { LossyNetwork } from '../support/lossy-link';
import { effort, PATIENCE, withSeed } from '../support/seed';

const SESSIONS = effort('QDTLS_LOSSY_SESSIONS', 40);
const MESSAGES = 10;
const RETRANSMISSION = { initial: 50, maximum: 200 };
const PSK = { server: { psk: { device: 'secret' } }, client: { psk: { identity: 'device', key: 'secret' } } };

afterEach(closeEverything);

/** Repeats a message, which may be lost like any datagram, until its echo comes. */
function askUntilAnswered(session: DTLSSession, message: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const repeat = setInterval(() => session.send(message), 20);
    const settle = (error?: Error): void => {
      clearInterval(repeat);
      session.off('message', take).off('close', lose);
      if (error === undefined) resolve();
      else reject(error);
    };
    const take = (data: Buffer): void => {
      if (data.toString() === message) settle();
    };
    const lose = (): void => settle(new Error(`the session is over before the answer to ${message}`));
    session.on('message', take).on('close', lose).send(message);
  });
}

async function exchange(session: DTLSSession): Promise<void> {
  await session.opened;
  for (let count = 0; count < MESSAGES; count += 1) await askUntilAnswered(session, `message ${count}`);
}

describe('sessions over a link that loses a fifth of all datagrams', () => {
  it.each([
    ['pre-shared keys', PSK],
    ['certificates', { server: {}, client: clientTrust }],
  ])('complete their handshakes and exchange all their messages, with %s', (_, { server, client }) =>
    withSeed(async (seed) => {
      const network = new LossyNetwork(seed, { loss: 0.2 });
      const common = { retransmission: RETRANSMISSION, handshakeTimeout: PATIENCE };
      const endpoint = serveEcho({ ...server, ...common, socket: new NetworkTransport(network, SERVER) });
      const clients = Array.from({ length: SESSIONS }, (_unused, index) =>
        joinNetwork(network, clientAt(index), { ...client, ...common }),
      );
      await Promise.all(clients.map(exchange));
      expect(network.counts.lost).toBeGreaterThan(network.counts.sent / 10);
      expect(clients.reduce((sum, { stats }) => sum + stats.retransmitCount, 0n)).toBeGreaterThan(0n);
      expect(endpoint.stats.handshakeFailureCount).toBe(0n);
      expect(endpoint.sessions).toHaveLength(SESSIONS);
      await Promise.all(clients.map((session) => session.close()));
    }),
  PATIENCE + 10_000);
});

describe('a session whose datagrams are all lost', () => {
  /** Milliseconds that a timer may fire early by the clock that measures it. */
  const EARLINESS = 3;
  const EXPECTED = [50, 100, 200, 200, 200, 200];

  it('repeats its hello after the first timeout, and then twice as late each time up to the longest', async () => {
    const network = new LossyNetwork(1, { loss: 1 });
    const instants = [performance.now()];
    // A timer that is set after that of the repetition, of the same loop and as late: expires first if the interval is too long.
    let witness: NodeJS.Timeout | undefined;
    let overdue = 0;
    const watchNext = (): void => {
      witness = setTimeout(() => (overdue += 1), 1.5 * (EXPECTED[instants.length - 1] ?? NaN) + 10);
    };
    network.onPacket = () => {
      if (instants.length === 1) watchNext();
    };
    let session: DTLSSession | undefined;
    await new Promise<void>((resolve) => {
      const repeated = (): void => {
        clearTimeout(witness);
        if (instants.push(performance.now()) <= EXPECTED.length) {
          setImmediate(watchNext);
          return;
        }
        unsubscribe('qdtls.retransmit', repeated);
        resolve();
      };
      subscribe('qdtls.retransmit', repeated);
      session = joinNetwork(network, clientAt(0), { ...PSK.client, retransmission: RETRANSMISSION });
    });
    session?.destroy();
    const gaps = instants.slice(1).map((instant, index) => instant - (instants[index] ?? NaN));
    gaps.forEach((gap, index) => expect(gap).toBeGreaterThan((EXPECTED[index] ?? NaN) - EARLINESS));
    expect(gaps).toHaveLength(EXPECTED.length);
    expect(overdue).toBe(0);
    expect(network.counts.sent).toBeGreaterThanOrEqual(EXPECTED.length);
  });

  it('repeats nothing before the default of a second', async () => {
    const network = new LossyNetwork(1, { loss: 1 });
    const session = joinNetwork(network, clientAt(0), { ...PSK.client, handshakeTimeout: 500 });
    await rejection(session.opened);
    expect(session.stats.retransmitCount).toBe(0n);
  });
});

describe('a server whose flight is lost', () => {
  it('repeats it by its own timeouts, and the handshake completes when the link is back', async () => {
    const network = new LossyNetwork(1);
    const transport = new NetworkTransport(network, SERVER);
    const started: DTLSSession[] = [];
    const endpoint = serve(
      (session) => {
        started.push(session);
        network.quality = { ...network.quality, loss: 1 };
      },
      { ...PSK.server, socket: transport, retransmission: { initial: 20, maximum: 20 } },
    );
    let repeated = 0;
    network.onPacket = ({ from }) => {
      if (from !== transport.endpoint || started.length === 0) return;
      repeated += 1;
      if (repeated > 3) network.quality = { ...network.quality, loss: 0 };
    };
    // A client as patient as that repeats nothing: it is the server that brings them together.
    const client = joinNetwork(network, clientAt(0), { ...PSK.client, retransmission: { initial: 60_000 } });
    await client.opened;
    expect(client.stats.retransmitCount).toBe(0n);
    expect(started[0]?.stats.retransmitCount).toBeGreaterThan(0n);
    expect(endpoint.stats.handshakeFailureCount).toBe(0n);
    await client.close();
  });
});
