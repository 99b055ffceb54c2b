import { HandshakeState, type QDtls } from '../../lib';
import { thrownBy, throws } from '../support/faulty-socket';
import { Pair } from '../support/pair';
import { statusOf } from '../support/stages';

/** An NSS key log line of TLS 1.2: the client's random and the master secret. */
const LINE = /^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}$/i;
const sides = ['client', 'server'] as const;

/** Everything a side says from now on, in order. */
function heard(dtls: QDtls): unknown[] {
  const all: unknown[] = [];
  dtls.on('keyLog', (line) => all.push(line));
  dtls.on('handshakeStateChanged', (state) => all.push(state));
  return all;
}

describe('the event keyLog', () => {
  it.each(sides)('tells a listener on the %s the secret before it tells that the handshake is complete', (side) => {
    const pair = new Pair();
    const all = heard(pair[side]);
    pair.run();
    expect(all).toEqual([HandshakeState.HandshakeInProgress, expect.stringMatching(LINE), HandshakeState.HandshakeComplete]);
  });

  it('tells both sides the same line', () => {
    const pair = new Pair();
    const lines: string[] = [];
    for (const side of sides) pair[side].on('keyLog', (line) => lines.push(line));
    pair.run();
    expect(lines).toHaveLength(2);
    expect(lines[0]).toBe(lines[1]);
  });

  it('finds the client\'s random that went over the wire', () => {
    const pair = new Pair();
    let line = '';
    pair.client.on('keyLog', (found) => (line = found));
    pair.start();
    const random = pair.clientSocket.sent[0]?.subarray(27, 59).toString('hex'); // behind the headers and the version
    pair.settle();
    expect(line.toLowerCase().split(' ')[1]).toBe(random);
  });

  it('is not for a listener who came after the handshake had started', () => {
    const pair = new Pair();
    pair.start();
    const all = heard(pair.client);
    pair.settle();
    expect(all).toEqual([HandshakeState.HandshakeComplete]);
  });

  it('is not for another association of the same configuration', () => {
    const [loud, silent] = [new Pair(), new Pair()];
    const lines: string[] = [];
    loud.client.on('keyLog', (line) => lines.push(line));
    loud.start();
    silent.start();
    silent.client.on('keyLog', () => lines.push('of another'));
    silent.settle();
    loud.settle();
    expect(lines).toEqual([expect.stringMatching(LINE)]);
  });

  it('comes again with the next handshake of the same object, with another secret', () => {
    const pair = new Pair();
    const lines: string[] = [];
    pair.client.on('keyLog', (line) => lines.push(line));
    pair.run();
    pair.client.shutdown(pair.clientSocket);
    pair.settle();
    pair.run();
    expect(new Set(lines).size).toBe(2);
    pair.client.removeAllListeners('keyLog');
    pair.client.shutdown(pair.clientSocket);
    pair.settle();
    expect(pair.run().client.isConnectionEncrypted()).toBe(true);
    expect(lines).toHaveLength(2);
  });

  it('may end the association from within', () => {
    const pair = new Pair();
    const all = heard(pair.server);
    pair.server.on('keyLog', () => pair.server.shutdown(pair.serverSocket));
    pair.run();
    expect(statusOf(pair.server).state).toBe('HandshakeNotStarted');
    expect(all).toEqual([HandshakeState.HandshakeInProgress, expect.stringMatching(LINE), HandshakeState.HandshakeNotStarted]);
  });

  it.each([
    ['an Error', new Error('by a listener')],
    ['null', null],
    ['undefined', undefined],
  ])('throws what a listener threw, %s, and the handshake goes on all the same', (_, value) => {
    const pair = new Pair();
    const all = heard(pair.server);
    pair.server.on('keyLog', throws(value));
    pair.start();
    expect(thrownBy(() => pair.settle())).toEqual({ value });
    pair.settle();
    expect(all).toEqual([HandshakeState.HandshakeInProgress, expect.stringMatching(LINE), HandshakeState.HandshakeComplete]);
    pair.client.writeDatagramEncrypted(pair.clientSocket, 'to the server');
    pair.settle();
    expect(pair.received.server).toEqual(['to the server']);
  });
});
