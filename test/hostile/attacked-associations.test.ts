import { Attacker, plausible, powerless } from '../support/attacker';
import { LossyNetwork } from '../support/lossy-link';
import { NetworkServer, openClient, type NetworkPeer } from '../support/lossy-peers';
import { effort, PATIENCE, withSeed } from '../support/seed';
import { suiteSettings } from '../support/suites';

const STRIKES = effort('QDTLS_STRIKES', 100_000);
const CLIENTS_PER_SUITE = 10;
const ROUNDS = 100;
const suites = [
  'ECDHE-ECDSA-AES256-GCM-SHA384',
  'ECDHE-RSA-AES128-GCM-SHA256',
  'ECDHE-ECDSA-CHACHA20-POLY1305',
  'ECDHE-ECDSA-AES128-CCM',
  'ECDHE-ECDSA-AES128-CCM8',
  'PSK-AES128-GCM-SHA256',
  'ECDHE-PSK-CHACHA20-POLY1305',
  'PSK-AES128-CCM8',
  'ECDHE-RSA-AES128-SHA256',
  'PSK-AES128-CBC-SHA256',
];

/** Both ends of associations with every suite. */
async function establish(network: LossyNetwork): Promise<(readonly [client: NetworkPeer, server: NetworkPeer])[]> {
  const associations: (readonly [NetworkPeer, NetworkPeer])[] = [];
  for (const [index, suite] of suites.entries()) {
    const settings = suiteSettings(suite);
    const server = new NetworkServer(network, { address: '10.0.0.1', port: 5000 + index }, settings);
    for (let port = 1; port <= CLIENTS_PER_SUITE; port += 1) {
      const endpoint = { address: `10.1.0.${index + 1}`, port };
      const client = openClient(network, endpoint, server.endpoint, settings);
      client.start();
      await client.handshake;
      const peer = server.peer(endpoint);
      if (client.failure !== '' || peer === undefined) throw new Error(`${suite}: ${client.failure}`);
      associations.push([client, peer]);
    }
  }
  return associations;
}

describe('an attacker who hears everything and sends datagrams of every kind into established associations', () => {
  const all = { ...powerless, ...plausible };

  it('ends none of them, gets nothing delivered, and stops nothing that is genuine', () =>
    withSeed(async (seed) => {
      const network = new LossyNetwork(seed);
      const attacker = new Attacker(network, seed, all);
      const associations = await establish(network);
      const peers = associations.flat();
      const said: string[] = [];
      for (let round = 1; round <= ROUNDS; round += 1) {
        const message = `message ${round}`;
        said.push(message);
        for (const peer of peers) peer.say(message);
        attacker.strikeAnybody(STRIKES / ROUNDS);
        await network.quiet();
      }

      expect([...attacker.strikes.keys()].sort()).toEqual(Object.keys(all).sort());
      expect(network.counts.injected).toBe(STRIKES);
      expect(peers.filter(({ isEncrypted, failure }) => !isEncrypted || failure !== '')).toEqual([]);
      // A replay may have been faster than the original; nothing came twice.
      const heard = peers.map(({ messages }) => [...messages].sort().join());
      expect(new Set(heard)).toEqual(new Set([said.sort().join()]));
      for (const peer of peers) peer.abandon();
    }), PATIENCE + 5000);
});
