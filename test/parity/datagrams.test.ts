import { once } from 'node:events';
import {
  AlertDescription,
  AlertLevel,
  makePlaintextAlert,
  makeRecord,
  recordsOf,
} from '../support/dtls-records';
import { Pair } from '../support/pair';
import { statusOf } from '../support/stages';

// What reaches a server that is complete, and is not a message in its turn.

const complete = { state: 'HandshakeComplete', error: 'NoError' };
let pair: Pair;

beforeEach(() => {
  pair = new Pair().run();
  expect(statusOf(pair.server)).toEqual(complete);
});

/** The datagram of a message from the client. */
function encrypt(message: string): Buffer {
  expect(pair.client.writeDatagramEncrypted(pair.clientSocket, message)).toBe(message.length);
  return pair.clientSocket.take();
}

/** What the server reads in a datagram. */
function decrypt(datagram: Buffer): string {
  return pair.server.decryptDatagram(pair.serverSocket, datagram).toString();
}

/** The server drops the datagram: nothing is read or sent, and no error is left, not even an old one. */
function expectDropped(datagram: Buffer): void {
  pair.server.handleTimeout(null);
  expect(statusOf(pair.server).error).toBe('InvalidInputParameters');
  expect(decrypt(datagram)).toBe('');
  expect(statusOf(pair.server)).toEqual(complete);
  expect(pair.serverSocket.sent).toEqual([]);
}

/** Eight copies, each with another bit of one byte flipped. */
function flipBit(datagram: Buffer, at: number): Buffer[] {
  return Array.from({ length: 8 }, (_, bit) => {
    const copy = Buffer.from(datagram);
    copy.writeUInt8(copy.readUInt8(at) ^ (1 << bit), at);
    return copy;
  });
}

function ofEpoch(datagram: Buffer, epoch: number): Buffer {
  const copy = Buffer.from(datagram);
  copy.writeUInt16BE(epoch, 3);
  return copy;
}

/** Forged records of every type. RFC 6347 section 4.1.2.7: invalid ones are dropped in silence. */
function shortRecords(length: number): Buffer[] {
  return [20, 21, 22, 23, 24, 99].map((type) => makeRecord(type, Buffer.alloc(length), 1, 40));
}

const damages: [name: string, damage: (genuine: Buffer) => Buffer[]][] = [
  ['garbage', () => [Buffer.from('garbage'), Buffer.alloc(13), Buffer.alloc(100, 0xff), Buffer.from([22])]],
  ['it cut off anywhere', (genuine) => [...genuine.keys()].slice(1).map((end) => genuine.subarray(0, end))],
  ['it with any bit flipped', (genuine) => Array.from(genuine.keys(), (at) => flipBit(genuine, at)).flat()],
  ['it of another epoch', (genuine) => [0, 2, 3, 65535].map((epoch) => ofEpoch(genuine, epoch))],
  ['records of any short length', () => [...Buffer.alloc(65).keys()].flatMap(shortRecords)],
];

it.each(damages)('79. a message survives %s in front of it', (_name, damage) => {
  const genuine = encrypt('genuine');
  for (const damaged of damage(genuine)) {
    expectDropped(damaged);
  }
  expect(decrypt(genuine)).toBe('genuine');
  expect(statusOf(pair.server)).toEqual(complete);
});

it('80. a message that comes again is dropped', () => {
  const datagram = encrypt('once');
  expect(decrypt(datagram)).toBe('once');
  expectDropped(datagram);
});

it('81. messages may come in another order', () => {
  const [m0, m1, m2] = [encrypt('m0'), encrypt('m1'), encrypt('m2')];
  expect([m2, m0, m1].map((datagram) => decrypt(datagram))).toEqual(['m2', 'm0', 'm1']);
});

it('81. a message 64 or more behind the newest is dropped, 63 behind is not', () => {
  const datagrams = Array.from({ length: 70 }, (_, index) => encrypt(`m${index}`));
  const delivered = [69, 0, 4, 5, 6, 7, 68].map((index) => decrypt(datagrams[index] ?? Buffer.alloc(0)));
  expect(delivered).toEqual(['m69', '', '', '', 'm6', 'm7', 'm68']);
  expect(statusOf(pair.server)).toEqual(complete);
});

it.each([
  ['fatal', AlertLevel.Fatal, AlertDescription.HandshakeFailure],
  ['close_notify', AlertLevel.Warning, AlertDescription.CloseNotify],
  ['warning', AlertLevel.Warning, AlertDescription.UserCanceled],
])('82. an alert that anybody could have sent is ignored (%s)', (_name, level, description) => {
  for (const sequence of [0, 1, 1000]) {
    expectDropped(makePlaintextAlert(level, description, sequence));
  }
  expect(decrypt(encrypt('still here'))).toBe('still here');
});

it('84. a last flight that was lost is sent again when the client repeats its own', async () => {
  pair = new Pair();
  pair.client.setRetransmissionTimeouts({ initial: 200, maximum: 1000 });
  pair.start();
  pair.clientSocket.takeAll().forEach((datagram) => pair.deliverToServer(datagram));
  pair.serverSocket.takeAll().forEach((datagram) => pair.deliverToClient(datagram));
  pair.clientSocket.takeAll().forEach((datagram) => pair.deliverToServer(datagram));
  expect(statusOf(pair.server)).toEqual(complete);
  const lost = pair.serverSocket.takeAll();
  expect(lost).not.toEqual([]);

  await once(pair.client, 'handshakeTimeout');
  expect(pair.client.handleTimeout(pair.clientSocket)).toBe(true);
  const repeated = pair.clientSocket.takeAll();
  expect(repeated).not.toEqual([]);
  for (const datagram of repeated) {
    expect(pair.server.decryptDatagram(pair.serverSocket, datagram)).toHaveLength(0);
    expect(statusOf(pair.server)).toEqual(complete);
  }

  const [lostTypes, types] = [lost, pair.serverSocket.sent].map((flight) =>
    flight.flatMap(recordsOf).map(({ type }) => type),
  );
  expect(types).toEqual(expect.arrayContaining(lostTypes ?? []));
  pair.settle();
  expect(statusOf(pair.client)).toEqual(complete);
  pair.client.writeDatagramEncrypted(pair.clientSocket, 'at last');
  pair.settle();
  expect(pair.received.server).toEqual(['at last']);
});

it('85. the hello of a client that starts again from the same port is dropped in silence', () => {
  const again = new Pair();
  again.client.doHandshake(again.clientSocket);
  expectDropped(again.clientSocket.take());
  expect(decrypt(encrypt('old client'))).toBe('old client');
});
