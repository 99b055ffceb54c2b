import { createHmac } from 'node:crypto';
import {
  GeneratorParameters,
  QCryptographicHash,
  QDtlsClientVerifier,
  QDtlsError,
  QSslConfiguration,
} from '../../lib';
import { handshakeOf, HandshakeType, onlyRecordOf } from '../support/dtls-records';
import { HelloScene } from '../support/hello-scene';
import { MemorySocket } from '../support/memory-socket';
import { CLIENT_ADDRESS, CLIENT_PORT } from '../support/pair';

const { Sha1, Sha224, Sha256, Sha384, Sha512, RealSha3_256 } = QCryptographicHash.Algorithm;
const anotherPort = { port: CLIENT_PORT + 1 };

function cookieIn(helloVerifyRequest: Buffer): Buffer {
  const { type, messageSequence, body } = handshakeOf(onlyRecordOf(helloVerifyRequest));
  expect([type, messageSequence]).toEqual([HandshakeType.HelloVerifyRequest, 0]);
  expect(body.readUInt16BE(0)).toBe(0xfeff);
  expect(body.readUInt8(2)).toBe(body.length - 3);
  return body.subarray(3);
}

/** The datagram with another record sequence number. */
function numbered(datagram: Buffer, sequence: number): Buffer {
  const copy = Buffer.from(datagram);
  copy.writeUIntBE(sequence, 5, 6);
  return copy;
}

it('102. a new verifier has no error, no hello, and a secret for SHA-256', () => {
  const verifier = new QDtlsClientVerifier();
  expect(verifier.dtlsError()).toBe(QDtlsError.NoError);
  expect(verifier.dtlsErrorString()).toBe('');
  expect(verifier.verifiedHello()).toHaveLength(0);
  expect(verifier.cookieGeneratorParameters().hash).toBe(Sha256);
  expect(verifier.cookieGeneratorParameters().secret).not.toHaveLength(0);
});

const sockets = [new MemorySocket(), null];
const datagrams = ['datagram', ''];
const addresses = [CLIENT_ADDRESS, '', '255.255.255.255', '224.0.0.1', '239.255.255.255', 'ff02::1'];
const rows = sockets.flatMap((socket) =>
  datagrams.flatMap((datagram) => addresses.map((address) => ({ socket, datagram, address }))),
);
const wrong = rows.slice(1).map((row) => ({
  ...row,
  name: `${row.socket === null ? 'no socket' : 'a socket'}, "${row.datagram}" from "${row.address}"`,
}));

it.each(wrong)('103. $name is refused, and an earlier hello survives', ({ socket, datagram, address }) => {
  const scene = new HelloScene();
  expect(scene.verify(scene.secondHello)).toBe(true);
  expect(scene.verifier.verifyClient(socket, datagram, address, CLIENT_PORT)).toBe(false);
  expect(scene.error()).toBe('InvalidInputParameters');
  expect(scene.verifier.dtlsErrorString()).not.toBe('');
  expect(scene.verifier.verifiedHello()).toEqual(scene.secondHello);
  expect(socket?.sent ?? []).toEqual([]);
});

const hashes = [
  ['SHA-1', Sha1, 20],
  ['SHA-224', Sha224, 28],
  ['SHA-256', Sha256, 32],
  ['SHA-384', Sha384, 48],
  ['SHA-512', Sha512, 64],
  ['SHA3-256', RealSha3_256, 32],
] as const;

it.each(hashes)('104. a hello without cookie is answered with one of %s', (_name, hash, size) => {
  const scene = new HelloScene(new GeneratorParameters(hash, 'secret'));
  for (const sequence of [0, 7, 0xffff_ffff_fffe]) {
    scene.verify(scene.secondHello);
    expect(scene.verify(numbered(scene.firstHello, sequence))).toBe(false);
    expect(scene.error()).toBe('NoError');
    expect(scene.verifier.verifiedHello()).toHaveLength(0);
    expect(scene.socket.sent).toHaveLength(1);
    const answer = scene.socket.take();
    expect(answer).toHaveLength(28 + size);
    expect(onlyRecordOf(answer)).toMatchObject({ type: 22, version: 0xfeff, epoch: 0, sequence });
    expect(cookieIn(answer)).toHaveLength(size);
  }
  expect(scene.socket.lastDestination).toEqual([CLIENT_PORT, CLIENT_ADDRESS]);
});

it('105. the hello with the cookie is verified, as often as it comes and by every verifier', () => {
  const scene = new HelloScene();
  const another = new QDtlsClientVerifier();
  for (const verifier of [scene.verifier, scene.verifier, another]) {
    expect(verifier.verifyClient(scene.socket, scene.secondHello, CLIENT_ADDRESS, CLIENT_PORT)).toBe(true);
    expect(verifier.dtlsError()).toBe(QDtlsError.NoError);
    expect(verifier.verifiedHello()).toEqual(scene.secondHello);
  }
  expect(scene.socket.sent).toEqual([]);
});

it.each([
  ['port', anotherPort],
  ['address', { address: '127.0.0.2' }],
])('106. the cookie is not good for another %s', (_name, sender) => {
  const scene = new HelloScene();
  expect(scene.verify(scene.secondHello)).toBe(true);
  expect(scene.verify(scene.secondHello, sender)).toBe(false);
  expect(scene.error()).toBe('NoError');
  expect(scene.verifier.verifiedHello()).toHaveLength(0);
});

it('109. a cookie of an old secret is answered with a new one', () => {
  const scene = new HelloScene(new GeneratorParameters(Sha256, 'old'));
  expect(scene.verify(scene.secondHello)).toBe(true);
  expect(scene.verifier.setCookieGeneratorParameters(new GeneratorParameters(Sha256, 'new'))).toBe(true);
  expect(scene.verify(scene.secondHello)).toBe(false);
  expect(scene.error()).toBe('NoError');
  const newCookie = cookieIn(scene.socket.take());
  expect(scene.secondHello.includes(newCookie)).toBe(false);
  expect(cookieIn(answerTo(new GeneratorParameters(Sha256, 'new')))).toEqual(newCookie);
});

it('112. a verifier works when the default configuration has no cookies', () => {
  const before = QSslConfiguration.defaultDtlsConfiguration();
  const without = QSslConfiguration.defaultDtlsConfiguration();
  without.setDtlsCookieVerificationEnabled(false);
  QSslConfiguration.setDefaultDtlsConfiguration(without);
  try {
    const scene = new HelloScene();
    expect(scene.error()).toBe('NoError');
    expect(scene.verify(scene.secondHello)).toBe(true);
    expect(scene.error()).toBe('NoError');
  } finally {
    QSslConfiguration.setDefaultDtlsConfiguration(before);
  }
});

// Qt's layout: port, then address, each as a little-endian number; an IPv6 address as it is on the wire.
it.each([
  ['IPv4', '127.0.0.1', 22334, '3e570100007f'],
  ['IPv4, no byte like another', '10.20.30.40', 0x0102, '0201281e140a'],
  ['IPv6', '::1', 22334, `3e57${'00'.repeat(15)}01`],
  ['IPv6, no byte like another', '2001:db8:1:2:3:4:5:6', 1, '010020010db8000100020003000400050006'],
  ['IPv6 with a scope', 'fe80::1%lo', 1, `0100fe80${'00'.repeat(13)}01`],
  ['IPv4-mapped IPv6', '::ffff:127.0.0.1', 22334, `3e57${'00'.repeat(10)}ffff7f000001`],
])('114. the cookie is the HMAC of port and address: %s', (_name, address, port, input) => {
  const digests = [
    [Sha256, 'sha256'],
    [Sha512, 'sha512'],
  ] as const;
  for (const [hash, digest] of digests) {
    const secret = Buffer.from('a secret of some length');
    const expected = createHmac(digest, secret).update(Buffer.from(input, 'hex')).digest();
    expect(cookieIn(answerTo(new GeneratorParameters(hash, secret), { address, port }))).toEqual(expected);
  }
});

/** The HelloVerifyRequest that a sender gets. */
function answerTo(parameters: GeneratorParameters, sender?: { address: string; port: number }): Buffer {
  const scene = new HelloScene(parameters, sender);
  scene.verify(scene.firstHello);
  return scene.socket.take();
}
