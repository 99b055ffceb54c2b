import type { DTLSSession } from '../../lib/endpoint';
import { clientAt, joinNetwork, NetworkTransport, SERVER } from '../support/endpoint-network';
import { ask, clientIdentity, clientTrust, closeEverything, credentials, serveEcho, serverIdentity } from '../support/endpoints';
import { LossyNetwork } from '../support/lossy-link';

const CLIENTS = 500;
/** Milliseconds that a decision takes from when all of them are awaited. */
const LATENCY = 200;
const TICK = 10;
const PATIENCE = 60_000;

afterEach(closeEverything);

/** Decisions that are awaited by everybody at the same time: none is made before the last has been asked for. */
class SlowDecisions {
  #pending = 0;
  #most = 0;
  #allAreAsked: () => void = () => undefined;
  readonly #asked: Promise<void>;
  readonly #made: Promise<void>;

  constructor() {
    this.#asked = new Promise((resolve) => (this.#allAreAsked = resolve));
    this.#made = this.#asked.then(() => new Promise((resolve) => setTimeout(resolve, LATENCY)));
  }

  /** How many were awaited at the same time. */
  get most(): number {
    return this.#most;
  }

  /** Resolves when all are awaited. */
  get asked(): Promise<void> {
    return this.#asked;
  }

  async make<T>(decision: T): Promise<T> {
    this.#pending += 1;
    this.#most = Math.max(this.#most, this.#pending);
    if (this.#pending === CLIENTS) this.#allAreAsked();
    await this.#made;
    this.#pending -= 1;
    return decision;
  }
}

/** Ticks of a timer until it is stopped, and how long that was in milliseconds. */
function countTicks(): () => { ticks: number; duration: number } {
  const start = performance.now();
  let ticks = 0;
  const timer = setInterval(() => (ticks += 1), TICK);
  return () => {
    clearInterval(timer);
    return { ticks, duration: Math.round(performance.now() - start) };
  };
}

type Kind = readonly [
  what: string,
  server: (decisions: SlowDecisions) => Parameters<typeof serveEcho>[0],
  client: Parameters<typeof joinNetwork>[2],
];

const kinds: readonly Kind[] = [
  ['psk', (decisions) => ({ psk: () => decisions.make('secret') }), { psk: { identity: 'device', key: 'secret' } }],
  [
    'verifyPeer',
    (decisions) => ({
      ca: credentials.client.rootPem,
      requestCert: true,
      verifyPeer: (certificate) => decisions.make(certificate?.subject.includes('CN=') === true),
    }),
    { ...clientTrust, ...clientIdentity },
  ],
  ['sni', (decisions) => ({ sni: () => decisions.make(serverIdentity) }), clientTrust],
];

describe(`${CLIENTS} handshakes that wait for slow decisions`, () => {
  it.each(kinds)('wait for %s all at the same time, and nothing else waits', async (what, server, client) => {
    const decisions = new SlowDecisions();
    const network = new LossyNetwork(1);
    const patient = { handshakeTimeout: PATIENCE, retransmission: { initial: 30_000 } };
    const socket = new NetworkTransport(network, SERVER);
    const endpoint = serveEcho({ ...server(decisions), ...patient, socket });
    const sessions = Array.from({ length: CLIENTS }, (_, index): DTLSSession => {
      return joinNetwork(network, clientAt(index), { ...client, ...patient });
    });
    await decisions.asked;
    const stop = countTicks();
    // A client's side may be open before it is accepted.
    await Promise.all([...sessions, ...endpoint.sessions].map(({ opened }) => opened));
    const { ticks, duration } = stop();
    process.stdout.write(
      `${CLIENTS} decisions of ${LATENCY} ms by ${what}: all open after ${duration} ms, ${ticks} ticks of ${TICK} ms meanwhile\n`,
    );
    expect(decisions.most).toBe(CLIENTS);
    expect(ticks).toBeGreaterThan(1);
    expect(endpoint.stats.handshakeFailureCount).toBe(0n);
    await Promise.all(sessions.map(async (session, index) => expect(await ask(session, `${index}`)).toBe(`${index}`)));
    await Promise.all(sessions.map((session) => session.close()));
  }, PATIENCE);
});
