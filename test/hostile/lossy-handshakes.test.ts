import { setTimeout as delay } from 'node:timers/promises';
import { QSslConfiguration, type QSslPreSharedKeyAuthenticator } from '../../lib';
import { demand, makeCredentials, show } from '../support/credentials';
import { LossyNetwork, type Endpoint, type LinkQuality } from '../support/lossy-link';
import { inParallel, NetworkServer, openClient, type NetworkPeer, type PeerSettings } from '../support/lossy-peers';
import { choose, meter, sensor, trustingBoth } from '../support/name-choices';
import { configuration, Pair, pskConfiguration } from '../support/pair';
import { Random } from '../support/random';
import { effort, seed, withSeed } from '../support/seed';
import { persistent, ticketOf, withTicket } from '../support/sessions';
import { answerAfter } from '../support/slow-keys';
import { SERVER_NAME, selfSigned, showing, trusting } from '../support/stages';

const HANDSHAKES = effort('QDTLS_HANDSHAKES', 200);
const SERVER: Endpoint = { address: '10.0.0.1', port: 5684 };
const AT_ONCE = 40;
const PATIENCE = 30_000 + 100 * HANDSHAKES;

const BAD: Partial<LinkQuality> = { loss: 0.3, reordering: 0.2, duplication: 0.1 };
const IMPATIENT = { timeouts: { initial: 20, maximum: 200 } };

const certificate = selfSigned();
const psk = pskConfiguration((settings) => settings.setCiphers('PSK-AES128-GCM-SHA256'));
const ecdhePsk = pskConfiguration((settings) => settings.setCiphers('ECDHE-PSK-CHACHA20-POLY1305'));
const latencies = new Random(seed);

/** As if the key came from a database that is sometimes slower. */
const answerLater = (authenticator: QSslPreSharedKeyAuthenticator): void =>
  answerAfter(latencies.below(30))(authenticator);

/** The settings of one kind, with a session that every client continues. */
function resuming(client: QSslConfiguration, server: QSslConfiguration): PeerSettings {
  const settings = { client: persistent(client), server: persistent(server), name: SERVER_NAME };
  const first = new Pair(settings).run();
  return { ...settings, client: withTicket(settings.client, ticketOf(first)) };
}

function mutual(): PeerSettings {
  const { client: own, server: theirs } = makeCredentials('ec-p256');
  const client = configuration((settings) => show(settings, own));
  const server = configuration((settings) => show(settings, theirs));
  demand(client, theirs);
  demand(server, own);
  return resuming(client, server);
}

const chosenLater: PeerSettings = {
  client: trustingBoth(),
  server: sensor.server,
  name: meter.name,
  serverName: meter.name,
  answerName: (request) => request.waitUntil(delay(latencies.below(30)).then(() => choose(request))),
};

const kinds: readonly (readonly [name: string, settings: PeerSettings])[] = [
  ['a certificate', { client: trusting(certificate), server: showing(certificate) }],
  ['a pre-shared key', { client: psk, server: psk }],
  ['a pre-shared key that comes later', { client: ecdhePsk, server: ecdhePsk, answerPsk: answerLater }],
  ['a certificate that is chosen later', chosenLater],
  ['a session by certificate', resuming(trusting(certificate), showing(certificate))],
  ['a session by two certificates', mutual()],
  ['a session by pre-shared key', resuming(new QSslConfiguration(psk), new QSslConfiguration(psk))],
];

interface Association {
  readonly client: NetworkPeer;
  /** undefined when no verified hello has come. */
  readonly server: NetworkPeer | undefined;
  /** Milliseconds that the client's handshake took. */
  readonly duration: number;
}

/** Runs handshakes, each from an endpoint of its own, and then what `use` says. */
async function runHandshakes(
  network: LossyNetwork,
  settings: PeerSettings,
  use: (association: Association) => Promise<void> = () => Promise.resolve(),
): Promise<Association[]> {
  const server = new NetworkServer(network, SERVER, settings);
  const associations: Association[] = [];
  await inParallel(HANDSHAKES, AT_ONCE, async (index) => {
    const endpoint = { address: '10.1.0.1', port: 1000 + index };
    const client = openClient(network, endpoint, SERVER, settings);
    const start = performance.now();
    client.start();
    await client.handshake;
    const association = { client, server: server.peer(endpoint), duration: performance.now() - start };
    associations.push(association);
    await use(association);
  });
  return associations;
}

function endAll(associations: readonly Association[]): void {
  for (const { client, server } of associations) {
    client.abandon();
    server?.abandon();
  }
}

/** Why handshakes have failed; of a server only what is no consequence of its client's failure. */
function failuresOf(associations: readonly Association[]): string[] {
  return associations.flatMap(({ client, server }) => [client.failure, server?.failure ?? ''].filter((text) => text !== ''));
}

/** Says something again and again until the other has heard it, as long as a datagram may be lost. */
async function sayUntilHeard(network: LossyNetwork, from: NetworkPeer, to: NetworkPeer): Promise<void> {
  const messages: string[] = [];
  while (to.messages.length === 0 && messages.length < 100) {
    messages.push(`message ${messages.length}`);
    from.say(messages.at(-1) ?? '');
    await network.quiet();
  }
  expect(to.messages).toEqual(messages.slice(-1));
}

describe('a network that loses 30 %, reorders 20 % and duplicates 10 %', () => {
  it.each(kinds)('lets every handshake with %s complete, and data flow both ways', (_, settings) =>
    withSeed(async (seed) => {
      const network = new LossyNetwork(seed, BAD);
      const associations = await runHandshakes(network, { ...settings, ...IMPATIENT }, async ({ client, server }) => {
        if (client.failure !== '' || server === undefined) return;
        await server.handshake; // the last flight of a resumed handshake is the client's
        await sayUntilHeard(network, client, server);
        await sayUntilHeard(network, server, client);
      });
      expect(failuresOf(associations)).toEqual([]);
      const isLost = ({ client, server }: Association): boolean => !client.isEncrypted || server?.isEncrypted !== true;
      expect(associations.filter(isLost)).toHaveLength(0);
      expect(associations).toHaveLength(HANDSHAKES);
      const isResumed = settings.client.sessionTicket().length > 0;
      expect(new Set(associations.map(({ client }) => client.dtls.isSessionReused()))).toEqual(new Set([isResumed]));
      endAll(associations);
    }, PATIENCE),
  PATIENCE + 5000);
});

const either = (...patterns: readonly RegExp[]): RegExp => new RegExp(patterns.map(({ source }) => source).join('|'));

describe('a network that also corrupts and truncates 1 %', () => {
  const DEADLINE = 4000;
  const NAMED = /^TlsFatalError: the handshake (failed: .|did not finish within 4000 ms)/;
  /** A server that was done: its client found something corrupted in the last flight, and says so under encryption. */
  const TOLD = /^TlsFatalError: the association failed: ./;

  it.each(kinds)('lets a handshake with %s complete, or fail in time with a reason', (_, settings) =>
    withSeed(async (seed) => {
      const network = new LossyNetwork(seed, { ...BAD, corruption: 0.01, truncation: 0.01 });
      const associations = await runHandshakes(network, { ...settings, ...IMPATIENT, deadline: DEADLINE });
      for (const { client, server, duration } of associations) {
        expect(duration).toBeLessThan(DEADLINE + 1000);
        await server?.handshake;
        if (!client.isEncrypted) expect(client.failure).toMatch(NAMED);
        if (server?.isEncrypted === false) expect(server.failure).toMatch(client.isEncrypted ? NAMED : either(NAMED, TOLD));
      }
      const complete = associations.filter(({ client }) => client.isEncrypted);
      expect(complete.length).toBeGreaterThan(0.8 * HANDSHAKES);
      endAll(associations);
    }, PATIENCE),
  PATIENCE + 5000);
});

describe('a network that loses nothing', () => {
  it.each(kinds)('carries every handshake with %s in the same few datagrams, none of them repeated', (_, settings) =>
    withSeed(async (seed) => {
      const network = new LossyNetwork(seed);
      const associations = await runHandshakes(network, settings);
      expect(failuresOf(associations)).toEqual([]);
      const costs = associations.map(({ client, server }) => [client, server].map((peer) => costOf(peer)).join(', '));
      expect(new Set(costs).size).toBe(1);
      expect(costs[0]).toMatch(/^\d+ datagrams and 0 retransmissions, \d+ datagrams and 0 retransmissions$/);
      endAll(associations);
    }, PATIENCE),
  PATIENCE + 5000);
});

function costOf(peer: NetworkPeer | undefined): string {
  const counts = peer?.dtls.statistics();
  return `${counts?.datagramsSent} datagrams and ${counts?.retransmissions} retransmissions`;
}
