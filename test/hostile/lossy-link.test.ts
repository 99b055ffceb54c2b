import { LossyNetwork, type Endpoint, type LinkQuality } from '../support/lossy-link';
import { withSeed } from '../support/seed';

const A: Endpoint = { address: '10.0.0.1', port: 1 };
const B: Endpoint = { address: '10.0.0.2', port: 2 };
const C: Endpoint = { address: '10.0.0.3', port: 3 };
const SEED = 20_261_122;
const BAD: Partial<LinkQuality> = { loss: 0.3, reordering: 0.2, duplication: 0.1, corruption: 0.05, truncation: 0.05 };

const numbered = (number: number): Buffer => Buffer.from(`datagram ${number}`);

/** What B gets of a hundred datagrams from A; `between` happens before each. */
async function arrivals(network: LossyNetwork, between: (number: number) => void = () => undefined): Promise<string[]> {
  const got: string[] = [];
  network.open(B, (datagram) => got.push(datagram.toString('latin1')));
  const socket = network.open(A, () => undefined);
  for (let number = 0; number < 100; number += 1) {
    between(number);
    socket.send(numbered(number), B.port, B.address, () => undefined);
  }
  await network.quiet();
  return got;
}

describe('a lossy network', () => {
  it('carries everything in order when nothing is wrong with it', async () => {
    const got = await arrivals(new LossyNetwork(SEED, { delay: 3 }));
    expect(got).toEqual(Array.from({ length: 100 }, (_, number) => `datagram ${number}`));
  });

  it('does the same again with the same seed, and something else with another', async () => {
    const once = await arrivals(new LossyNetwork(SEED, BAD));
    expect(await arrivals(new LossyNetwork(SEED, BAD))).toEqual(once);
    expect(await arrivals(new LossyNetwork(SEED + 1, BAD))).not.toEqual(once);
  });

  it('does to the datagrams between two peers what it does, whoever else talks', async () => {
    const alone = await arrivals(new LossyNetwork(SEED, BAD));
    const network = new LossyNetwork(SEED, BAD);
    const noise = network.open(C, () => undefined);
    const among = await arrivals(network, () => noise.send(Buffer.from('noise'), B.port, B.address, () => undefined));
    expect(among.filter((text) => text.startsWith('datagram')).sort()).toEqual(
      alone.filter((text) => text.startsWith('datagram')).sort(),
    );
  });

  it.each(['loss', 'reordering', 'duplication', 'corruption', 'truncation'] as const)('is as bad as it is told: %s', async (what) => {
    const network = new LossyNetwork(SEED, { [what]: 0.25 });
    for (let hundreds = 0; hundreds < 20; hundreds += 1) await arrivals(network);
    const { lost, reordered, duplicated, corrupted, truncated } = network.counts;
    const counts = { loss: lost, reordering: reordered, duplication: duplicated, corruption: corrupted, truncation: truncated };
    expect(counts[what]).toBeGreaterThan(400);
    expect(counts[what]).toBeLessThan(600);
    expect(Object.values(counts).reduce((sum, count) => sum + count)).toBe(counts[what]);
  });

  it('tells an attacker everything, and delivers what the attacker sends in any name', async () => {
    const network = new LossyNetwork(SEED, { loss: 1 });
    const heard: string[] = [];
    network.onPacket = ({ from, datagram }) => heard.push(`${from.address}: ${datagram.toString()}`);
    const got: string[] = [];
    network.open(B, (datagram, from) => got.push(`${from.address}: ${datagram.toString()}`));
    network.open(A, () => undefined).send(numbered(1), B.port, B.address, () => undefined);
    network.inject({ from: C, to: B, datagram: numbered(2) });
    await network.quiet();
    expect(heard).toEqual(['10.0.0.1: datagram 1']);
    expect(got).toEqual(['10.0.0.3: datagram 2']);
  });

  it('names the seed when a test fails', async () => {
    const failing = withSeed(() => Promise.reject(new Error('on purpose')));
    await expect(failing).rejects.toThrow(/^on purpose\n\nTo try the same again: QDTLS_SEED=\d+$/);
  });

  it('names the seed when a test does not come to an end', async () => {
    const failing = withSeed(() => new Promise<void>(() => undefined), 10);
    await expect(failing).rejects.toThrow(/^it goes on after 10 ms\n\nTo try the same again: QDTLS_SEED=\d+$/);
  });
});
