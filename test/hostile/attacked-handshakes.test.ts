import { Attacker, plausible, powerless, type Forge } from '../support/attacker';
import { LossyNetwork } from '../support/lossy-link';
import { inParallel, NetworkServer, openClient, type NetworkPeer, type PeerSettings } from '../support/lossy-peers';
import { answerPsk } from '../support/pair';
import { PATIENCE, withSeed } from '../support/seed';
import { answerAfter } from '../support/slow-keys';
import { suiteSettings } from '../support/suites';

/** Datagrams of the attacker for each genuine one. */
const STRIKES_EACH = 3;
const AT_ONCE = 60;
const TIMEOUTS = { initial: 100, maximum: 400 };
/** Suites, and how many milliseconds the pre-shared key takes. */
const suites: readonly (readonly [name: string, latency?: number])[] = [
  ['ECDHE-ECDSA-AES128-GCM-SHA256'],
  ['ECDHE-RSA-CHACHA20-POLY1305'],
  ['PSK-AES128-GCM-SHA256'],
  ['ECDHE-PSK-CHACHA20-POLY1305', 10],
  ['PSK-AES128-CCM8', 20],
  ['PSK-AES128-CBC-SHA256'],
];

interface Attacked {
  readonly port: number;
  readonly client: NetworkPeer;
  readonly server: NetworkPeer | undefined;
  readonly duration: number;
}

interface Attack {
  /** Whether clients with an even port, and what is sent to them, are left alone. */
  readonly sparesEven?: boolean;
  readonly forges: Readonly<Record<string, Forge>>;
  readonly handshakes: number;
  /** Milliseconds. */
  readonly deadline: number;
}

/** Handshakes with each suite, while an attacker answers every genuine datagram with some of its own. */
async function runAttacked(seed: number, { forges, handshakes, deadline, sparesEven = false }: Attack): Promise<Attacked[]> {
  const network = new LossyNetwork(seed);
  const attacker = new Attacker(network, seed, forges);
  attacker.onHeard = (packet) => {
    const port = Math.min(packet.from.port, packet.to.port); // the client's
    if (sparesEven && port % 2 === 0) return;
    for (let strikes = 0; strikes < STRIKES_EACH; strikes += 1) attacker.strike(packet);
  };
  const servers = suites.map(([suite, latency], index) => {
    const answer = latency === undefined ? answerPsk : answerAfter(latency);
    const settings: PeerSettings = { ...suiteSettings(suite), timeouts: TIMEOUTS, deadline, answerPsk: answer };
    const server = new NetworkServer(network, { address: '10.0.0.1', port: 5000 + index }, settings);
    return { server, settings };
  });
  const attacked: Attacked[] = [];
  await inParallel(servers.length * handshakes, AT_ONCE, async (number) => {
    const index = number % servers.length;
    const chosen = servers[index];
    if (chosen === undefined) return;
    const { server, settings } = chosen;
    const endpoint = { address: `10.1.0.${index + 1}`, port: 1000 + Math.floor(number / servers.length) };
    const client = openClient(network, endpoint, server.endpoint, settings);
    const start = performance.now();
    client.start();
    await client.handshake;
    attacked.push({ port: endpoint.port, client, server: server.peer(endpoint), duration: performance.now() - start });
  });
  expect([...attacker.strikes.keys()].sort()).toEqual(Object.keys(forges).sort());
  attacker.onHeard = () => undefined;
  for (const { client, server } of attacked) if (client.isEncrypted) await expectTalk(network, client, server);
  return attacked;
}

async function expectTalk(network: LossyNetwork, client: NetworkPeer, server?: NetworkPeer): Promise<void> {
  client.say('hello');
  server?.say('welcome');
  await network.quiet();
  expect([client.messages, server?.messages]).toEqual([['welcome'], ['hello']]);
}

function endAll(attacked: readonly Attacked[]): void {
  for (const { client, server } of attacked) {
    client.abandon();
    server?.abandon();
  }
}

describe('an attacker who hears everything, during handshakes', () => {
  const kinds = Object.entries(powerless).map(([kind, forge]) => [kind, { [kind]: forge }] as const);

  it.each([...kinds, ['all of these', powerless] as const])('ends none with %s', (_, forges) =>
    withSeed(async (seed) => {
      const handshakes = forges === powerless ? 40 : 10;
      const attacked = await runAttacked(seed, { forges, handshakes, deadline: 60_000 });
      expect(attacked.map(({ client }) => client.failure).filter((failure) => failure !== '')).toEqual([]);
      expect(attacked).toHaveLength(handshakes * suites.length);
      endAll(attacked);
    }), PATIENCE + 5000);

  it('at worst ends that one, in time and with a reason, by messages of the handshake that nobody signs', () =>
    withSeed(async (seed) => {
      const deadline = 4000;
      const forges = { ...powerless, ...plausible };
      const attacked = await runAttacked(seed, { forges, handshakes: 20, deadline, sparesEven: true });
      const named = /^TlsFatalError: the (handshake|association) (failed: .|did not finish within 4000 ms)/;
      for (const { client, server, duration } of attacked) {
        expect(duration).toBeLessThan(2 * deadline);
        await server?.handshake;
        for (const peer of [client, server]) if (peer?.isEncrypted === false) expect(peer.failure).toMatch(named);
      }
      const failed = attacked.filter(({ client }) => !client.isEncrypted);
      expect(failed).not.toHaveLength(0);
      expect(failed.filter(({ port }) => port % 2 === 0)).toEqual([]);
      endAll(attacked);
    }), PATIENCE + 5000);
});
