import { Peer, PeerTable } from '../../lib/endpoint/peer-table';
import { SessionCore } from '../../lib/endpoint/session-core';

/** A session that is only told from others. */
function makeCore(): SessionCore {
  const core: unknown = Object.create(SessionCore.prototype);
  if (core instanceof SessionCore) return core;
  throw new Error('it is one');
}

const randomOf = (byte: number): string => Buffer.alloc(32, byte).toString('hex');
const HERE = { address: '192.0.2.1', port: 40_000 };
const THERE = { address: '192.0.2.1', port: 40_001 };

describe('a peer', () => {
  it('has one session after an ordinary handshake, for whatever comes', () => {
    const peer = new Peer(HERE.address);
    const core = makeCore();
    expect([peer.isEmpty, peer.addressee(true)]).toEqual([true, null]);
    expect(peer.start(core, randomOf(1))).toBeNull();
    expect([peer.addressee(true), peer.addressee(false)]).toEqual([core, core]);
    expect(peer.promote(core)).toBeNull();
    expect([peer.serving?.core, peer.starting]).toEqual([core, null]);
    expect([peer.addressee(true), peer.addressee(false)]).toEqual([core, core]);
  });

  it('that starts again keeps the old session for what is encrypted until the new one is complete', () => {
    const peer = new Peer(HERE.address);
    const [old, next] = [makeCore(), makeCore()];
    peer.start(old, randomOf(1));
    peer.promote(old);
    expect(peer.start(next, randomOf(2))).toBeNull();
    expect([peer.addressee(true), peer.addressee(false)]).toEqual([old, next]);
    expect(peer.promote(next)).toBe(old);
    expect([peer.addressee(true), peer.addressee(false)]).toEqual([next, next]);
  });

  it('that starts a third time gives up the second, and the old session goes on', () => {
    const peer = new Peer(HERE.address);
    const [old, second, third] = [makeCore(), makeCore(), makeCore()];
    peer.start(old, randomOf(1));
    peer.promote(old);
    peer.start(second, randomOf(2));
    expect(peer.start(third, randomOf(3))).toBe(second);
    expect(peer.promote(second)).toBeNull();
    peer.remove(third);
    expect([peer.addressee(true), peer.addressee(false), peer.isEmpty]).toEqual([old, old, false]);
    peer.remove(old);
    expect(peer.isEmpty).toBe(true);
  });

  it('begins anew with a hello whose random is of none of its sessions', () => {
    const peer = new Peer(HERE.address);
    const core = makeCore();
    expect(peer.isNewAttempt(randomOf(1))).toBe(true);
    peer.start(core, randomOf(1));
    peer.promote(core);
    peer.start(makeCore(), randomOf(2));
    expect([1, 2, 3].map((byte) => peer.isNewAttempt(randomOf(byte)))).toEqual([false, false, true]);
  });
});

describe('PeerTable', () => {
  it('finds what is at an address and a port, and at no other', () => {
    const peers = new PeerTable();
    const peer = peers.at(HERE);
    expect(peers.at(HERE)).toBe(peer);
    expect(peers.find(HERE.address, HERE.port)).toBe(peer);
    expect(peers.find(HERE.address, THERE.port)).toBeUndefined();
    expect(peers.find('192.0.2.2', HERE.port)).toBeUndefined();
  });

  it('tells apart many addresses that use one port', () => {
    const peers = new PeerTable();
    const remotes = [1, 2, 3].map((last) => ({ address: `192.0.2.${last}`, port: 5683 }));
    const made = remotes.map((remote) => peers.at(remote));
    const found = (): unknown[] => remotes.map(({ address, port }) => peers.find(address, port));
    expect(found()).toEqual(made);
    expect(new Set(made).size).toBe(3);
    made[1]?.start(makeCore(), '');
    for (const remote of remotes) peers.tidy(remote);
    expect(found()).toEqual([undefined, made[1], undefined]);
    expect(peers.move(remotes[1] ?? HERE, { address: '192.0.2.9', port: 5683 })).toBe(true);
    expect([...found(), peers.find('192.0.2.9', 5683)]).toEqual([undefined, undefined, undefined, made[1]]);
  });

  it('forgets a peer without sessions, and no other', () => {
    const peers = new PeerTable();
    peers.at(HERE).start(makeCore(), '');
    peers.at(THERE);
    for (const remote of [HERE, THERE, { address: '192.0.2.9', port: 9 }]) peers.tidy(remote);
    expect(peers.find(HERE.address, HERE.port)).toBeDefined();
    expect(peers.find(THERE.address, THERE.port)).toBeUndefined();
  });

  it('moves a peer to a free address only', () => {
    const peers = new PeerTable();
    const peer = peers.at(HERE);
    const other = peers.at({ address: '192.0.2.2', port: 40_000 });
    expect(peers.move(HERE, { address: '192.0.2.2', port: 40_000 })).toBe(false);
    expect(peers.move(HERE, THERE)).toBe(true);
    expect(peers.find(HERE.address, HERE.port)).toBeUndefined();
    expect(peers.find(THERE.address, THERE.port)).toBe(peer);
    expect(peers.find('192.0.2.2', 40_000)).toBe(other);
    expect(peers.move(HERE, { address: '192.0.2.3', port: 1 })).toBe(false);
  });
});
