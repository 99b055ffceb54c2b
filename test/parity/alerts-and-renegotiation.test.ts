import { QDtlsError, type QDtls } from '../../lib';
import { ContentType, HandshakeType } from '../support/dtls-records';
import { makeMessage } from '../support/handshake-messages';
import type { MemorySocket } from '../support/memory-socket';
import { Pair } from '../support/pair';
import { statusOf } from '../support/stages';
import { tappableConfiguration, Wiretap, type Side } from '../support/wiretap';

// A peer that does what no well-behaved library does is played by a Wiretap, which knows the keys.

const FATAL = 2;
const WARNING = 1;
const NO_RENEGOTIATION = 100;
const HELLO_REQUEST = 0;

const complete = { state: 'HandshakeComplete', error: 'NoError' };
const failed = { state: 'HandshakeNotStarted', error: 'TlsFatalError' };
const sides: Side[] = ['client', 'server'];

interface Scene {
  readonly pair: Pair;
  readonly tap: Wiretap;
  readonly dtls: QDtls;
  readonly socket: MemorySocket;
  /** Who is played by the tap. */
  readonly peer: Side;
  readonly receive: (datagram: Buffer) => Buffer;
}

/** An association whose side is examined. */
function scene(side: Side): Scene {
  const pair = new Pair({ client: tappableConfiguration(), server: tappableConfiguration() });
  const tap = new Wiretap(pair);
  const dtls = pair[side];
  const socket = side === 'client' ? pair.clientSocket : pair.serverSocket;
  expect(statusOf(dtls)).toEqual(complete);
  const receive = (datagram: Buffer): Buffer => dtls.decryptDatagram(socket, datagram);
  return { pair, tap, dtls, socket, peer: side === 'client' ? 'server' : 'client', receive };
}

const descriptions: [description: number, name: string][] = [
  [10, 'unexpected message'],
  [20, 'bad record mac'],
  [40, 'handshake failure'],
  [48, 'unknown CA'],
  [80, 'internal error'],
];
const rows = sides.flatMap((side) => descriptions.map(([code, name]) => [side, code, name] as const));

it.each(rows)('115. an encrypted fatal alert ends the association of a %s (%i, %s)', (side, code, name) => {
  const { tap, dtls, socket, peer, receive } = scene(side);
  const states: number[] = [];
  dtls.on('handshakeStateChanged', (state) => states.push(state));

  expect(receive(tap.seal(peer, ContentType.Alert, Buffer.from([FATAL, code])))).toHaveLength(0);

  expect(statusOf(dtls)).toEqual(failed);
  expect(dtls.dtlsErrorString()).toMatch(new RegExp(name));
  expect(dtls.isConnectionEncrypted()).toBe(false);
  expect(states).toEqual([dtls.handshakeState()]);
  expect(socket.sent).toEqual([]);
  expect(dtls.writeDatagramEncrypted(socket, 'late')).toBe(-1);
  expect(dtls.dtlsError()).toBe(QDtlsError.InvalidOperation);
});

it.each(sides)('115. a %s can be used again after a fatal alert', (side) => {
  const { pair, tap, peer, receive } = scene(side);
  receive(tap.seal(peer, ContentType.Alert, Buffer.from([FATAL, 80])));
  pair[peer].shutdown(side === 'client' ? pair.serverSocket : pair.clientSocket);
  pair.clientSocket.takeAll();
  pair.serverSocket.takeAll();
  pair.run();
  expect(statusOf(pair.client)).toEqual(complete);
  expect(statusOf(pair.server)).toEqual(complete);
});

it('115. messages in front of a fatal alert in the same datagram are not lost', () => {
  const { tap, dtls, receive } = scene('server');
  const message = tap.seal('client', ContentType.ApplicationData, Buffer.from('last words'));
  const alert = tap.seal('client', ContentType.Alert, Buffer.from([FATAL, 80]));
  expect(receive(Buffer.concat([message, alert])).toString()).toBe('last words');
  expect(statusOf(dtls)).toEqual(failed);
});

function expectRefusal({ tap, socket }: Scene, side: Side): void {
  expect(tap.alertsIn(side, socket.takeAll())).toEqual([[WARNING, NO_RENEGOTIATION]]);
}

function expectDataBothWays({ pair, dtls }: Scene): void {
  expect(statusOf(dtls)).toEqual(complete);
  pair.client.writeDatagramEncrypted(pair.clientSocket, 'to the server');
  pair.server.writeDatagramEncrypted(pair.serverSocket, 'to the client');
  pair.deliverToServer(pair.clientSocket.take());
  pair.deliverToClient(pair.serverSocket.take());
  expect(pair.received.client.splice(0)).toEqual(['to the client']);
  expect(pair.received.server.splice(0)).toEqual(['to the server']);
  expect(statusOf(dtls)).toEqual(complete);
}

/** What asks a side for a renegotiation: number 0, as first of a handshake (RFC 6347 section 4.2.2). */
function request({ tap, peer }: Scene, side: Side): Buffer {
  const message =
    side === 'client'
      ? makeMessage(HELLO_REQUEST, 0, Buffer.alloc(0))
      : makeMessage(HandshakeType.ClientHello, 0, tap.clientHello);
  return tap.seal(peer, ContentType.Handshake, message);
}

it.each(sides)('116. a renegotiation request is refused by the %s, which keeps working', (side) => {
  const all = scene(side);
  const before = all.dtls.sessionCipher();
  expect(all.receive(request(all, side))).toHaveLength(0);
  expectRefusal(all, side);
  expect(all.dtls.sessionCipher().equals(before)).toBe(true);
  expectDataBothWays(all);
});

it.each(sides)('116. renegotiation requests are refused, or ignored, by the %s however many come', (side) => {
  const all = scene(side);
  all.receive(request(all, side));
  expectRefusal(all, side);
  for (let count = 0; count < 20; count += 1) {
    all.receive(request(all, side));
    const answers = all.tap.alertsIn(side, all.socket.takeAll());
    expect([[], [[WARNING, NO_RENEGOTIATION]]]).toContainEqual(answers);
    expectDataBothWays(all);
  }
});

it.each(sides)('116. a renegotiation request hides no message behind it from the %s', (side) => {
  const all = scene(side);
  const hidden = all.tap.seal(all.peer, ContentType.ApplicationData, Buffer.from('hidden'));
  const datagram = Buffer.concat([request(all, side), hidden]);
  expect(all.receive(datagram).toString()).toBe('hidden');
  expectRefusal(all, side);
  expectDataBothWays(all);
});
