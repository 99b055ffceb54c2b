import { once } from 'node:events';
import { QDtls, QDtlsClientVerifier, SslMode, type DroppedRecords, type QSslConfiguration } from '../../lib';
import {
  AlertDescription,
  AlertLevel,
  ContentType,
  makePlaintextAlert,
  makeRecord,
  recordsOf,
} from '../support/dtls-records';
import { HelloScene } from '../support/hello-scene';
import type { MemorySocket } from '../support/memory-socket';
import { CLIENT_ADDRESS, CLIENT_PORT, Pair, pskConfiguration, type PairOptions } from '../support/pair';
import { selfSigned, SERVER_NAME, showing, statusOf, trusting } from '../support/stages';
import { NO_REPETITION } from '../support/timers';
import { tappableConfiguration, Wiretap, type Side } from '../support/wiretap';

/** Bytes of a HelloVerifyRequest with a cookie of SHA-256. */
const ANSWER = 60;

const nothingDropped: DroppedRecords = {
  malformed: 0,
  unknownType: 0,
  version: 0,
  tooShort: 0,
  oldEpoch: 0,
  futureEpoch: 0,
  overLimit: 0,
  unauthenticatedAlert: 0,
  renegotiation: 0,
  replayed: 0,
  undecryptable: 0,
};
const nothing = {
  datagramsReceived: 0,
  bytesReceived: 0,
  datagramsSent: 0,
  bytesSent: 0,
  retransmissions: 0,
  recordsDropped: nothingDropped,
  alertsReceived: {},
  alertsSent: {},
};
const sides: Side[] = ['client', 'server'];
const other = { client: 'server', server: 'client' } as const;

function suite(name: string): { client: QSslConfiguration; server: QSslConfiguration } {
  const settings = pskConfiguration((own) => own.setCiphers(name));
  return { client: settings, server: settings };
}

function socketOf(pair: Pair, side: Side): MemorySocket {
  return side === 'client' ? pair.clientSocket : pair.serverSocket;
}

/** The next message of a side, on its way. */
function message(pair: Pair, from: Side, text: string): Buffer {
  pair[from].writeDatagramEncrypted(socketOf(pair, from), text);
  return socketOf(pair, from).take();
}

/** What a side has dropped since it is encrypted; it gets the datagrams now. */
function dropsOf(pair: Pair, side: Side, ...datagrams: readonly Buffer[]): DroppedRecords {
  for (const datagram of datagrams) pair[side].decryptDatagram(socketOf(pair, side), datagram);
  expect(statusOf(pair[side])).toEqual({ state: 'HandshakeComplete', error: 'NoError' });
  return pair[side].statistics().recordsDropped;
}

const credentials: [string, () => PairOptions][] = [
  ['a pre-shared key', () => ({})],
  ['a pre-shared key and CBC', () => suite('ECDHE-PSK-AES128-CBC-SHA256')],
  [
    'a certificate',
    () => {
      const issued = selfSigned();
      return { client: trusting(issued), server: showing(issued), name: SERVER_NAME };
    },
  ],
];

describe('statistics() of a perfect link', () => {
  it('are nothing before the first handshake', () => {
    expect(new QDtls(SslMode.SslClientMode).statistics()).toEqual(nothing);
    expect(new QDtls(SslMode.SslServerMode).statistics()).toEqual(nothing);
  });

  it.each(credentials)('with %s: what one side sends the other receives, and nothing is repeated or dropped', (_, options) => {
    const pair = new Pair(options()).run();
    for (let count = 1; count <= 10; count += 1) {
      pair.client.writeDatagramEncrypted(pair.clientSocket, Buffer.alloc(count * 100));
      pair.server.writeDatagramEncrypted(pair.serverSocket, 'pong');
      pair.settle();
    }
    const [client, server, verifier] = [pair.client.statistics(), pair.server.statistics(), pair.verifier.statistics()];
    expect(verifier).toMatchObject({ datagramsReceived: 1, answersSent: 1, verified: 0 });
    expect(client.datagramsSent).toBe(server.datagramsReceived + verifier.datagramsReceived);
    expect(client.bytesSent).toBe(server.bytesReceived + verifier.bytesReceived);
    expect(client.datagramsReceived).toBe(server.datagramsSent + verifier.answersSent);
    expect(client.bytesReceived).toBe(server.bytesSent + verifier.answerBytesSent);
    for (const { retransmissions, recordsDropped, alertsReceived, alertsSent } of [client, server]) {
      expect({ retransmissions, recordsDropped, alertsReceived, alertsSent }).toEqual({
        retransmissions: 0,
        recordsDropped: nothingDropped,
        alertsReceived: {},
        alertsSent: {},
      });
    }
  });

  it('count the datagrams and bytes that went through the socket, one for each message', () => {
    const pair = new Pair().run();
    const before = pair.client.statistics();
    const datagrams = ['a', 'bb', 'ccc'].map((text) => message(pair, 'client', text));
    const after = pair.client.statistics();
    expect(after.datagramsSent - before.datagramsSent).toBe(3);
    expect(after.bytesSent - before.bytesSent).toBe(Buffer.concat(datagrams).length);

    const received = pair.server.statistics();
    pair.deliverToServer(Buffer.concat(datagrams));
    expect(pair.server.statistics().datagramsReceived - received.datagramsReceived).toBe(1);
    expect(pair.server.statistics().bytesReceived - received.bytesReceived).toBe(Buffer.concat(datagrams).length);
    expect(pair.received.server).toEqual(['a', 'bb', 'ccc']);
  });

  it('are a picture of the moment', () => {
    const pair = new Pair().run();
    const before = pair.server.statistics();
    const copy = structuredClone(before);
    pair.deliverToServer(message(pair, 'client', 'more'));
    pair.deliverToServer(Buffer.from('junk'));
    expect(before).toEqual(copy);
    expect(pair.server.statistics()).not.toEqual(copy);
  });
});

describe('statistics() after the end', () => {
  it('are those of the last association, until the next begins', () => {
    const pair = new Pair().run();
    pair.deliverToServer(Buffer.from('junk'));
    pair.client.shutdown(pair.clientSocket);
    pair.settle();
    const [client, server] = [pair.client.statistics(), pair.server.statistics()];
    expect(client.alertsSent).toEqual({ 'close notify': 1 });
    expect(server.alertsReceived).toEqual({ 'close notify': 1 });
    expect(server.recordsDropped).toEqual({ ...nothingDropped, malformed: 1 });
    expect([client.alertsReceived, server.alertsSent]).toEqual([{}, {}]);
    expect(pair.server.statistics()).toEqual(server);

    pair.client.doHandshake(pair.clientSocket);
    expect(pair.client.statistics()).toEqual({ ...nothing, datagramsSent: 1, bytesSent: pair.clientSocket.take().length });
    pair.client.abortHandshake(pair.clientSocket);
    expect(pair.client.statistics()).toMatchObject({ datagramsSent: 1 });
  });
});

describe('statistics().retransmissions', () => {
  it('counts flights whose time was over, whatever their number of datagrams', async () => {
    const pair = new Pair();
    pair.server.setRetransmissionTimeouts({ initial: 50, maximum: 60_000 });
    pair.client.setRetransmissionTimeouts(NO_REPETITION);
    pair.start();
    pair.deliverToServer(pair.clientSocket.take());
    for (let count = 1; count <= 3; count += 1) {
      await once(pair.server, 'handshakeTimeout');
      pair.serverSocket.takeAll();
      pair.server.handleTimeout(pair.serverSocket);
      expect(pair.serverSocket.sent.length).toBeGreaterThan(0);
      expect(pair.server.handleTimeout(pair.serverSocket)).toBe(true); // nothing is due
      expect(pair.server.statistics().retransmissions).toBe(count);
    }
    pair.settle();
    expect(pair.client.isConnectionEncrypted()).toBe(true);
    expect(pair.client.statistics().retransmissions).toBe(0);
  });
});

describe.each(['PSK-AES128-GCM-SHA256', 'PSK-CHACHA20-POLY1305', 'PSK-AES128-CCM8', 'PSK-AES128-CBC-SHA256'])(
  'statistics().recordsDropped with %s',
  (name) => {
    it.each(sides)('tells replays from forgeries (on the %s)', (side) => {
      const pair = new Pair(suite(name)).run();
      const datagram = message(pair, other[side], 'once');
      expect(dropsOf(pair, side, datagram)).toEqual(nothingDropped);
      expect(dropsOf(pair, side, datagram, datagram)).toEqual({ ...nothingDropped, replayed: 2 });

      const next = message(pair, other[side], 'forged');
      const forged = Buffer.from(next);
      forged.writeUInt8(forged.readUInt8(forged.length - 1) ^ 1, forged.length - 1);
      expect(dropsOf(pair, side, forged)).toEqual({ ...nothingDropped, replayed: 2, undecryptable: 1 });
      expect(dropsOf(pair, side, next, next)).toEqual({ ...nothingDropped, replayed: 3, undecryptable: 1 });
    });

    it('counts nothing when messages come out of order, within 64', () => {
      const pair = new Pair(suite(name)).run();
      const datagrams = Array.from({ length: 64 }, (_, index) => message(pair, 'client', `message ${index}`));
      expect(dropsOf(pair, 'server', ...[...datagrams].reverse())).toEqual(nothingDropped);
      expect(dropsOf(pair, 'server', ...datagrams)).toEqual({ ...nothingDropped, replayed: 64 });
    });

    it('counts as replayed what is too old to tell', () => {
      const pair = new Pair(suite(name)).run();
      const datagrams = Array.from({ length: 65 }, (_, index) => message(pair, 'client', `message ${index}`));
      const [oldest = Buffer.alloc(0), ...others] = datagrams;
      expect(dropsOf(pair, 'server', ...others, oldest)).toEqual({ ...nothingDropped, replayed: 1 });
    });
  },
);

describe('statistics().recordsDropped by reason', () => {
  const data: number = ContentType.ApplicationData;
  const handshake: number = ContentType.Handshake;
  const fragment = Buffer.alloc(40, 7);
  const inVersion = (version: number): Buffer => {
    const record = makeRecord(data, fragment, 1, 9);
    record.writeUInt16BE(version, 1);
    return record;
  };
  const rows: [string, Buffer, Partial<DroppedRecords>][] = [
    ['a header cut off', makeRecord(data, fragment, 1, 9).subarray(0, 12), { malformed: 1 }],
    ['a record cut off', makeRecord(data, fragment, 1, 9).subarray(0, -1), { malformed: 1 }],
    ['an empty record', makeRecord(data, Buffer.alloc(0), 1, 9), { malformed: 1 }],
    ['a record longer than any', makeRecord(data, Buffer.alloc(18_433), 1, 9), { malformed: 1 }],
    ['an unknown type', makeRecord(99, fragment, 1, 9), { unknownType: 1 }],
    ['the version of TLS 1.2', inVersion(0x0303), { version: 1 }],
    ['one byte where nonce and tag must be', makeRecord(data, Buffer.alloc(1), 1, 9), { tooShort: 1 }],
    ['a handshake message in the clear', makeRecord(handshake, fragment, 0, 9), { oldEpoch: 1 }],
    ['an alert in the clear', makePlaintextAlert(AlertLevel.Fatal, AlertDescription.HandshakeFailure, 9), { oldEpoch: 1 }],
    ['a record of epoch 2', makeRecord(data, fragment, 2, 9), { futureEpoch: 1 }],
    ['a forged message', makeRecord(data, fragment, 1, 9), { undecryptable: 1 }],
    ['two forged messages in a datagram', Buffer.concat([makeRecord(data, fragment, 1, 9), makeRecord(data, fragment, 1, 10)]), { undecryptable: 2 }],
    ['an unknown type and a forged message', Buffer.concat([makeRecord(99, fragment), makeRecord(data, fragment, 1, 9)]), { unknownType: 1, undecryptable: 1 }],
  ];

  it.each(rows)('counts %s, and the next message arrives', (_, datagram, counted) => {
    const pair = new Pair(suite('PSK-AES128-GCM-SHA256')).run();
    expect(dropsOf(pair, 'server', datagram)).toEqual({ ...nothingDropped, ...counted });
    pair.deliverToServer(message(pair, 'client', 'genuine'));
    expect(pair.received.server).toEqual(['genuine']);
    expect(dropsOf(pair, 'server')).toEqual({ ...nothingDropped, ...counted });
    expect(pair.server.statistics().alertsReceived).toEqual({});
  });

  it('counts during the handshake too', () => {
    const pair = new Pair();
    pair.start();
    pair.deliverToServer(pair.clientSocket.take());
    const [first] = recordsOf(pair.serverSocket.sent[0] ?? Buffer.alloc(0));
    if (first === undefined) throw new Error('the server did not answer');
    pair.client.doHandshake(pair.clientSocket, Buffer.from('junk'));
    pair.client.doHandshake(pair.clientSocket, makeRecord(99, first.fragment));
    pair.client.doHandshake(pair.clientSocket, makeRecord(data, fragment, 0, 5));
    pair.client.doHandshake(pair.clientSocket, makeRecord(first.type, first.fragment, 1, 5));
    expect(pair.client.statistics().recordsDropped).toEqual({
      ...nothingDropped,
      malformed: 1,
      unknownType: 2,
      futureEpoch: 1,
    });
    pair.settle();
    expect(pair.client.isConnectionEncrypted()).toBe(true);
  });
});

describe('statistics() of alerts', () => {
  /** Hands the client, in its handshake, a fatal alert that nobody signed. */
  function forge(pair: Pair, description: number): void {
    const alert = makeRecord(ContentType.Alert, Buffer.from([AlertLevel.Fatal, description]));
    expect(pair.client.doHandshake(pair.clientSocket, alert)).toBe(true);
  }

  it('counts by name what was ignored in a handshake', () => {
    const pair = new Pair();
    pair.client.doHandshake(pair.clientSocket);
    for (const description of [40, 40, 40, 80, 0]) forge(pair, description);
    const { alertsReceived, alertsSent, recordsDropped } = pair.client.statistics();
    expect(alertsReceived).toEqual({ 'handshake failure': 3, 'internal error': 1, 'close notify': 1 });
    expect(alertsSent).toEqual({});
    expect(recordsDropped).toEqual({ ...nothingDropped, unauthenticatedAlert: 5 });
  });

  it('counts together what has no name', () => {
    const pair = new Pair();
    pair.client.doHandshake(pair.clientSocket);
    for (const description of [253, 254, 254]) forge(pair, description);
    expect(Object.values(pair.client.statistics().alertsReceived)).toEqual([3]);
  });

  it('counts on both sides what refuses a handshake', () => {
    const pair = new Pair({ psk: false });
    pair.client.on('pskRequired', (authenticator) => authenticator.setPreSharedKey('key'));
    pair.run();
    expect(pair.server.statistics().alertsSent).toEqual({ 'unknown PSK identity': 1 });
    expect(pair.client.statistics().alertsReceived).toEqual({ 'unknown PSK identity': 1 });
  });

  it.each(sides)('counts what is encrypted (on the %s)', (side) => {
    const pair = new Pair({ client: tappableConfiguration(), server: tappableConfiguration() });
    const tap = new Wiretap(pair);
    const alert = tap.seal(other[side], ContentType.Alert, Buffer.from([AlertLevel.Fatal, 80]));
    pair[side].decryptDatagram(socketOf(pair, side), alert);
    expect(statusOf(pair[side]).state).toBe('HandshakeNotStarted');
    expect(pair[side].statistics().alertsReceived).toEqual({ 'internal error': 1 });
    expect(pair[side].statistics().recordsDropped).toEqual(nothingDropped);
  });
});

describe('statistics() of a verifier', () => {
  const zero = { datagramsReceived: 0, bytesReceived: 0, answersSent: 0, answerBytesSent: 0, verified: 0 };

  it('count what was seen, answered and verified', () => {
    const scene = new HelloScene();
    const { verifier, firstHello, secondHello } = scene;
    expect(verifier.statistics()).toEqual({
      ...zero,
      datagramsReceived: 1,
      bytesReceived: firstHello.length,
      answersSent: 1,
      answerBytesSent: ANSWER,
    });
    scene.verify(Buffer.from('junk'));
    scene.verify(secondHello);
    expect(verifier.statistics()).toEqual({
      datagramsReceived: 3,
      bytesReceived: firstHello.length + 4 + secondHello.length,
      answersSent: 1,
      answerBytesSent: ANSWER,
      verified: 1,
    });
  });

  it('do not count calls that are refused, and are a picture of the moment', () => {
    const scene = new HelloScene();
    const verifier = new QDtlsClientVerifier();
    const before = verifier.statistics();
    verifier.verifyClient(null, scene.firstHello, CLIENT_ADDRESS, CLIENT_PORT);
    verifier.verifyClient(scene.socket, '', CLIENT_ADDRESS, CLIENT_PORT);
    verifier.verifyClient(scene.socket, scene.firstHello, '224.0.0.1', CLIENT_PORT);
    expect(verifier.statistics()).toEqual(zero);
    verifier.verifyClient(scene.socket, scene.secondHello, CLIENT_ADDRESS, CLIENT_PORT);
    expect(before).toEqual(zero);
    expect(verifier.statistics().verified).toBe(1);
  });
});
