import { setImmediate } from 'node:timers/promises';
import type { DTLSEndpoint } from '../../lib/endpoint';
import { cookieRequests } from '../support/credentials';
import { clientAt, joinNetwork, NetworkTransport, SERVER } from '../support/endpoint-network';
import { ask, closeEverything, serveEcho } from '../support/endpoints';
import { HelloMaker } from '../support/forged-hellos';
import { LossyNetwork, type Endpoint } from '../support/lossy-link';
import { Watch } from '../support/watch';

// Erlang's ssl lost its listener to hellos of different randoms from one address and port: CVE-2026-55950.
const ATTEMPTS = 300;
const RESTLESS = clientAt(1);
const psk = { identity: 'device', key: 'secret' };

afterEach(closeEverything);

/** Begins handshake after handshake from one endpoint, each with the cookie it is given, and ends none. */
class RestlessClient {
  readonly #network: LossyNetwork;
  readonly #transport: NetworkTransport;
  readonly #waiting: HelloMaker[] = [];
  readonly #watch = new Watch();
  #proven = 0;

  constructor(network: LossyNetwork, endpoint: Endpoint) {
    this.#network = network;
    this.#transport = new NetworkTransport(network, endpoint);
    this.#transport.on('message', (datagram) => this.#take(datagram));
  }

  /** Resolves when every hello has been sent with its cookie, and had its turn. */
  async storm(attempts: number): Promise<void> {
    const makers = Array.from({ length: attempts }, () => new HelloMaker(SERVER));
    this.#waiting.push(...makers);
    for (const { first } of makers) this.#send(first);
    await this.#watch.until(() => this.#proven === attempts, () => `${this.#proven} of ${attempts} cookies came`);
    await this.#network.quiet();
    for (let turn = 0; turn < attempts; turn += 1) await setImmediate();
    await this.#network.quiet();
    for (const maker of makers) maker.stop();
    this.#transport.unplug();
  }

  /** The link keeps the order: the first cookie is for the first who waits. */
  #take(datagram: Buffer): void {
    if (cookieRequests([datagram]) === 0) return;
    const maker = this.#waiting.shift();
    if (maker === undefined) return;
    this.#send(maker.answer(datagram));
    this.#proven += 1;
    this.#watch.notify();
  }

  #send(datagram: Buffer): void {
    this.#transport.send(datagram, SERVER.port, SERVER.address);
  }
}

/** A server, and the most sessions that it had for an address at any time. */
function serveRestless(network: LossyNetwork): { endpoint: DTLSEndpoint; most: () => number } {
  const endpoint = serveEcho({ psk: { [psk.identity]: psk.key }, socket: new NetworkTransport(network, SERVER) });
  let most = 0;
  endpoint.on('session', ({ remoteAddress: { address } }) => {
    const there = endpoint.sessions.filter(({ remoteAddress }) => remoteAddress.address === address);
    most = Math.max(most, there.length);
  });
  return { endpoint, most: () => most };
}

describe('an endpoint that gets hello after hello of different clients from one address and port', () => {
  it('has one session starting there at most, and serves who settles down', async () => {
    const network = new LossyNetwork(1);
    const { endpoint, most } = serveRestless(network);
    await new RestlessClient(network, RESTLESS).storm(ATTEMPTS);
    const client = joinNetwork(network, RESTLESS, { psk });
    await client.opened;
    expect(await ask(client, 'at last')).toBe('at last');
    expect(most()).toBe(1);
    // One hello of an address waits at a time, and eight strangers are heard in a turn.
    expect(endpoint.stats.serverSessions).toBeGreaterThan(BigInt(Math.floor(ATTEMPTS / 16)));
    expect(endpoint.sessions).toHaveLength(1);
    await client.close();
  });

  it('keeps the session that serves there, with one starting at most', async () => {
    const network = new LossyNetwork(1);
    const { endpoint, most } = serveRestless(network);
    const before = joinNetwork(network, RESTLESS, { psk });
    await before.opened;
    const [serving] = endpoint.sessions;
    await new RestlessClient(network, RESTLESS).storm(ATTEMPTS);
    expect(serving?.destroyed).toBe(false);
    expect(most()).toBe(2);
    expect(endpoint.sessions.length).toBeLessThanOrEqual(2);

    before.destroy();
    const after = joinNetwork(network, RESTLESS, { psk });
    await after.opened;
    expect(await ask(after, 'at last')).toBe('at last');
    expect(serving?.destroyed).toBe(true);
    expect(endpoint.sessions).toHaveLength(1);
    await after.close();
  });

  it('serves everybody else meanwhile', async () => {
    const network = new LossyNetwork(1);
    const { endpoint } = serveRestless(network);
    const other = joinNetwork(network, clientAt(2), { psk });
    await other.opened;
    const storm = new RestlessClient(network, RESTLESS).storm(ATTEMPTS);
    for (let count = 0; count < 20; count += 1) expect(await ask(other, `${count}`)).toBe(`${count}`);
    const newcomer = joinNetwork(network, clientAt(3), { psk });
    await newcomer.opened;
    expect(await ask(newcomer, 'me too')).toBe('me too');
    await storm;
    expect(endpoint.sessions.length).toBeLessThanOrEqual(3);
    await Promise.all([other.close(), newcomer.close()]);
  });
});
