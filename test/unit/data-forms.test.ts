import { QDtls, QDtlsError, QSslCipher, type QSslConfiguration } from '../../lib';
import { recordsOf } from '../support/dtls-records';
import { MemorySocket } from '../support/memory-socket';
import { Pair, pskConfiguration } from '../support/pair';
import { callWith } from '../support/untyped';

const LONGEST = 16_384;
const sizes = [1, 64, 1200, 1500, LONGEST];
const suites = ['PSK-AES128-GCM-SHA256', 'PSK-AES128-CCM8', 'ECDHE-PSK-CHACHA20-POLY1305', 'PSK-AES128-CBC-SHA256'];

function withSuite(name: string): QSslConfiguration {
  return pskConfiguration((settings) => settings.setCiphers([new QSslCipher(name)]));
}

function pairOf(name = 'PSK-AES128-GCM-SHA256'): Pair {
  const pair = new Pair({ client: withSuite(name), server: withSuite(name) }).run();
  if (pair.client.sessionCipher().name() !== name) throw new Error(`the suite is not ${name}`);
  return pair;
}

function messageOf(size: number, first = 0): Buffer {
  return Buffer.from(Array.from({ length: size }, (_, index) => (first + index) % 251));
}

function statusOf(dtls: QDtls): [QDtlsError, boolean] {
  return [dtls.dtlsError(), dtls.isConnectionEncrypted()];
}

/** Every way to encrypt, and every way to decrypt. */
const sealers: readonly [name: string, seal: (dtls: QDtls, message: Uint8Array) => Buffer][] = [
  [
    'writeDatagramEncrypted',
    (dtls, message) => {
      const socket = new MemorySocket();
      expect(dtls.writeDatagramEncrypted(socket, message)).toBe(message.length);
      return socket.take();
    },
  ],
  ['encryptDatagram', (dtls, message) => dtls.encryptDatagram(message)],
  [
    'encryptDatagramInto',
    (dtls, message) => {
      const out = Buffer.alloc(message.length + 100);
      return out.subarray(0, dtls.encryptDatagramInto(message, out));
    },
  ],
  [
    'encryptDatagrams',
    (dtls, message) => {
      const [out, lengths] = [Buffer.alloc(message.length + 100), new Int32Array(1)];
      expect(dtls.encryptDatagrams(message, Int32Array.of(message.length), out, lengths)).toBe(1);
      return out.subarray(0, lengths[0]);
    },
  ],
];
const openers: readonly [name: string, open: (dtls: QDtls, datagram: Buffer) => Buffer][] = [
  ['decryptDatagram', (dtls, datagram) => dtls.decryptDatagram(new MemorySocket(), datagram)],
  ['decryptDatagramInPlace', (dtls, datagram) => dtls.decryptDatagramInPlace(Buffer.from(datagram))],
  [
    'decryptDatagramInto',
    (dtls, datagram) => {
      const out = Buffer.alloc(LONGEST);
      return out.subarray(0, Math.max(dtls.decryptDatagramInto(datagram, out), 0));
    },
  ],
  [
    'decryptDatagramsInPlace',
    (dtls, datagram) => {
      const [memory, lengths] = [Buffer.from(datagram), new Int32Array(1)];
      dtls.decryptDatagramsInPlace(memory, Int32Array.of(memory.length), lengths);
      return memory.subarray(0, lengths[0]);
    },
  ],
];
const forms = sealers.flatMap(([sealer, seal]) => openers.map(([opener, open]) => [sealer, opener, seal, open] as const));

describe.each(suites)('with %s', (suite) => {
  it.each(forms)('what %s makes, %s reads', (_sealer, _opener, seal, open) => {
    const { client, server } = pairOf(suite);
    for (const size of sizes) {
      const message = messageOf(size);
      expect(open(server, seal(client, message)).equals(message)).toBe(true);
      expect(open(client, seal(server, message)).equals(message)).toBe(true);
    }
    expect([statusOf(client), statusOf(server)]).toEqual(Array(2).fill([QDtlsError.NoError, true]));
  });

  it('encryptDatagramInto needs the bytes of the datagram and no more, and says so otherwise', () => {
    const { client, server } = pairOf(suite);
    for (const size of sizes) {
      const message = messageOf(size);
      const needed = client.encryptDatagram(message).length;
      expect(client.encryptDatagramInto(message, Buffer.alloc(needed - 1))).toBe(-1);
      expect(client.dtlsErrorString()).toContain(`${needed} bytes`);
      expect(statusOf(client)).toEqual([QDtlsError.InvalidInputParameters, true]);
      const out = Buffer.alloc(needed);
      expect(client.encryptDatagramInto(message, out)).toBe(needed);
      expect(server.decryptDatagramInPlace(out).equals(message)).toBe(true);
    }
  });
});

describe.each(openers)('%s', (name, open) => {
  it.each([
    ['garbage', Buffer.from('this is no DTLS record')],
    ['one byte', Buffer.alloc(1)],
    ['nothing', Buffer.alloc(0)],
    ['more than UDP carries', Buffer.alloc(70_000, 0x17)],
  ])('gives nothing for %s, and the association goes on', (_what, datagram) => {
    const { client, server } = pairOf();
    if (name === 'decryptDatagramsInPlace' && datagram.length > 65_536) return;
    expect(open(server, datagram)).toHaveLength(0);
    expect(statusOf(server)).toEqual([QDtlsError.NoError, true]);
    expect(open(server, client.encryptDatagram('still here')).toString()).toBe('still here');
  });

  it('gives nothing for a datagram that came before', () => {
    const { client, server } = pairOf();
    const datagram = client.encryptDatagram('once');
    expect(open(server, Buffer.from(datagram)).toString()).toBe('once');
    expect(open(server, Buffer.from(datagram))).toHaveLength(0);
    expect(server.statistics().recordsDropped.replayed).toBe(1);
  });

  it('gives the messages of one datagram in order, none of them lost', () => {
    const { client, server } = pairOf();
    const messages = [messageOf(10, 1), messageOf(1000, 2), messageOf(1, 3), messageOf(300, 4)];
    const datagram = Buffer.concat(messages.map((message) => client.encryptDatagram(message)));
    expect(recordsOf(datagram)).toHaveLength(messages.length);
    const received: Buffer[] = [Buffer.from(open(server, datagram))];
    while (server.hasPendingDatagrams()) received.push(server.nextPendingDatagram());
    expect(received).toEqual(messages);
  });

  it('says that the peer has closed', () => {
    const pair = pairOf();
    pair.client.shutdown(pair.clientSocket);
    const states: number[] = [];
    pair.server.on('handshakeStateChanged', (state) => states.push(state));
    expect(open(pair.server, pair.clientSocket.take())).toHaveLength(0);
    expect(statusOf(pair.server)).toEqual([QDtlsError.RemoteClosedConnectionError, false]);
    expect(states).toEqual([QDtls.HandshakeNotStarted]);
  });

  it('gives the message of a datagram whose second record closes the association', () => {
    const pair = pairOf();
    const message = pair.client.encryptDatagram('last words');
    pair.client.shutdown(pair.clientSocket);
    expect(open(pair.server, Buffer.concat([message, pair.clientSocket.take()])).toString()).toBe('last words');
    expect(statusOf(pair.server)).toEqual([QDtlsError.RemoteClosedConnectionError, false]);
  });
});

describe('decryptDatagramInto', () => {
  it.each(suites)('keeps a message that its memory has no room for, with %s', (suite) => {
    const { client, server } = pairOf(suite);
    const message = messageOf(1000);
    for (const room of [0, 1, 999, 963, 0]) {
      const out = Buffer.alloc(room);
      expect(server.decryptDatagramInto(client.encryptDatagram(message), out)).toBe(-1);
      expect(statusOf(server)).toEqual([QDtlsError.InvalidInputParameters, true]);
      expect(server.dtlsErrorString()).toContain(`${room} bytes, and the message has 1000`);
      expect(server.nextPendingDatagram().equals(message)).toBe(true);
      expect(server.hasPendingDatagrams()).toBe(false);
      const enough = Buffer.alloc(1000);
      expect(server.decryptDatagramInto(client.encryptDatagram(message), enough)).toBe(1000);
      expect(enough.equals(message)).toBe(true);
    }
  });

  it.each(suites)('loses no message behind one that fills its memory, with %s', (suite) => {
    const { client, server } = pairOf(suite);
    const messages = [messageOf(500, 1), messageOf(500, 2), messageOf(7, 3)];
    for (let repetition = 0; repetition < 3; repetition += 1) {
      const out = Buffer.alloc(500);
      const datagram = Buffer.concat(messages.map((message) => client.encryptDatagram(message)));
      const received: Buffer[] = [out.subarray(0, server.decryptDatagramInto(datagram, out))];
      while (server.hasPendingDatagrams()) received.push(server.nextPendingDatagram());
      expect(received).toEqual(messages);
    }
  });

  it('gives older messages first', () => {
    const { client, server } = pairOf();
    const both = Buffer.concat([client.encryptDatagram('one'), client.encryptDatagram('two')]);
    const out = Buffer.alloc(10);
    const received = [both, client.encryptDatagram('three')].map((datagram) =>
      out.toString('utf8', 0, server.decryptDatagramInto(datagram, out)),
    );
    expect([...received, server.nextPendingDatagram().toString()]).toEqual(['one', 'two', 'three']);
  });
});

describe('what is asked of an association that is not encrypted', () => {
  const idle = new Pair().client;
  const numbers = Int32Array.of(1);

  it.each<[string, () => unknown, unknown]>([
    ['encryptDatagram', () => idle.encryptDatagram('x'), Buffer.alloc(0)],
    ['encryptDatagramInto', () => idle.encryptDatagramInto('x', Buffer.alloc(100)), -1],
    ['encryptDatagrams', () => idle.encryptDatagrams(Buffer.alloc(1), numbers, Buffer.alloc(100), new Int32Array(1)), -1],
    ['decryptDatagramInPlace', () => idle.decryptDatagramInPlace(Buffer.alloc(9)), Buffer.alloc(0)],
    ['decryptDatagramInto', () => idle.decryptDatagramInto('x', Buffer.alloc(9)), -1],
    ['decryptDatagramsInPlace', () => idle.decryptDatagramsInPlace(Buffer.alloc(1), numbers, new Int32Array(1)), -1],
  ])('%s is refused', (_name, call, nothing) => {
    expect(call()).toEqual(nothing);
    expect(statusOf(idle)).toEqual([QDtlsError.InvalidOperation, false]);
  });

  it.each<[method: string, given: unknown[], parameter: string]>([
    ['encryptDatagram', [7], '"data"'],
    ['encryptDatagramInto', [null, Buffer.alloc(1)], '"data"'],
    ['encryptDatagramInto', ['x', 'y'], '"out"'],
    ['encryptDatagramInto', ['x', new Uint16Array(100)], '"out"'],
    ['decryptDatagramInPlace', ['x'], '"datagram"'],
    ['decryptDatagramInto', [undefined, Buffer.alloc(1)], '"datagram"'],
    ['decryptDatagramInto', ['x', new ArrayBuffer(9)], '"out"'],
  ])('%s%j throws a TypeError that names the parameter', (method, given, parameter) => {
    expect(() => callWith(idle, method, ...given)).toThrow(TypeError);
    expect(() => callWith(idle, method, ...given)).toThrow(parameter);
  });
});
