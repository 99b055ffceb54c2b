import { Attacker, plausible, powerless } from '../support/attacker';
import { LossyNetwork } from '../support/lossy-link';
import { NetworkServer, openClient, type NetworkPeer } from '../support/lossy-peers';
import { effort, withSeed } from '../support/seed';
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

interface Association {
  readonly name: string;
  readonly client: NetworkPeer;
  readonly server: NetworkPeer;
}

async function establish(network: LossyNetwork): Promise<Association[]> {
  const associations: Association[] = [];
  for (const [index, suite] of suites.entries()) {
    const settings = suiteSettings(suite);
    const server = new NetworkServer(network, { address: '10.0.0.1', port: 5000 + index }, settings);
    for (let port = 1; port <= CLIENTS_PER_SUITE; port += 1) {
      const endpoint = { address: `10.1.0.${index}`, port };
      const client = openClient(network, endpoint, server.endpoint, settings);
      client.start();
      await client.handshake;
      const peer = server.peer(endpoint);
      if (client.failure !== '' || peer === undefined) throw new Error(`${suite}: ${client.failure}`);
      associations.push({ name: `${suite}, client ${port}`, client, server: peer });
    }
  }
  return associations;
}

function expectOnly(peer: NetworkPeer, messages: readonly string[]): void {
  expect(peer.failure).toBe('');
  expect(peer.isEncrypted).toBe(true);
  expect([...peer.messages].sort()).toEqual([...messages].sort());
}

it('an attacker who sees everything ends none of them, gets nothing delivered, and stops nothing that is genuine', () =>
  withSeed(async (seed) => {
    const network = new LossyNetwork(seed);
    const attacker = new Attacker(network, seed, { ...powerless, ...plausible });
    const associations = await establish(network);
    const said: string[] = [];
    for (let round = 0; round < ROUNDS; round += 1) {
      const message = `message ${round}`;
      said.push(message);
      for (const { client, server } of associations) {
        client.say(message);
        server.say(message);
      }
      attacker.strikeAnybody(STRIKES / ROUNDS);
      await network.quiet();
    }
    for (const { client, server } of associations) {
      expectOnly(client, said);
      expectOnly(server, said);
    }
  }), 120_000);
