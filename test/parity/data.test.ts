import { once } from 'node:events';
import type { QDtls } from '../../lib';
import { ContentType, onlyRecordOf } from '../support/dtls-records';
import { MemorySocket } from '../support/memory-socket';
import { Pair } from '../support/pair';
import { stages, statusOf } from '../support/stages';

const complete = { state: 'HandshakeComplete', error: 'NoError' };
const roles = ['client', 'server'] as const;
let pair: Pair;

beforeEach(() => {
  pair = new Pair().run();
  expect(statusOf(pair.client)).toEqual(complete);
  expect(statusOf(pair.server)).toEqual(complete);
});

function socketOf(role: (typeof roles)[number]): MemorySocket {
  return role === 'client' ? pair.clientSocket : pair.serverSocket;
}

/** The datagram of a message from the client. */
function encrypt(message: string | Buffer): Buffer {
  expect(pair.client.writeDatagramEncrypted(pair.clientSocket, message)).toBe(message.length);
  return pair.clientSocket.take();
}

/** What the server reads in a datagram. */
function decrypt(datagram: Buffer): string {
  return pair.server.decryptDatagram(pair.serverSocket, datagram).toString();
}

/** Leaves an error that the next call must replace. */
function spoil(dtls: QDtls): void {
  expect(dtls.handleTimeout(null)).toBe(false);
  expect(statusOf(dtls).error).toBe('InvalidInputParameters');
}

const early = (['HandshakeNotStarted', 'HandshakeInProgress'] as const).flatMap((state) =>
  roles.map((role) => [role, state] as const),
);

it.each(early)('73. a %s in %s can neither write, decrypt nor shut down', (role, state) => {
  const other = stages[state]();
  if (role === 'server' && state === 'HandshakeInProgress') other.deliverToServer(other.clientSocket.take());
  const dtls = other[role];
  const socket = new MemorySocket();
  const invalid = { state, error: 'InvalidOperation' };

  expect(dtls.writeDatagramEncrypted(socket, 'message')).toBe(-1);
  expect(statusOf(dtls)).toEqual(invalid);
  spoil(dtls);
  expect(dtls.decryptDatagram(socket, 'datagram')).toHaveLength(0);
  expect(statusOf(dtls)).toEqual(invalid);
  spoil(dtls);
  expect(dtls.shutdown(socket)).toBe(false);
  expect(statusOf(dtls)).toEqual(invalid);
  expect(socket.sent).toEqual([]);
});

it.each(roles)('74. a %s needs a socket to write and to decrypt', (role) => {
  const dtls = pair[role];
  const invalid = { state: 'HandshakeComplete', error: 'InvalidInputParameters' };
  expect(dtls.writeDatagramEncrypted(null, 'message')).toBe(-1);
  expect(statusOf(dtls)).toEqual(invalid);
  expect(dtls.writeDatagramEncrypted(socketOf(role), '')).toBe(0); // empties the error slot
  expect(dtls.decryptDatagram(null, 'datagram')).toHaveLength(0);
  expect(statusOf(dtls)).toEqual(invalid);
});

it.each(roles)('75. a message of a %s is one record of encrypted application data', (role) => {
  const dtls = pair[role];
  spoil(dtls);
  expect(dtls.writeDatagramEncrypted(socketOf(role), 'x')).toBe(1);
  expect(statusOf(dtls)).toEqual(complete);
  const datagram = socketOf(role).take();
  expect(socketOf(role).sent).toEqual([]);
  const { type, version, epoch } = onlyRecordOf(datagram);
  expect([type, version, epoch]).toEqual([ContentType.ApplicationData, 0xfefd, 1]);
  const other = role === 'client' ? 'server' : 'client';
  expect(pair[other].decryptDatagram(socketOf(other), datagram).toString()).toBe('x');
  expect(statusOf(pair[other])).toEqual(complete);
});

it('76. an empty message is not sent', () => {
  spoil(pair.server);
  expect(pair.server.writeDatagramEncrypted(pair.serverSocket, '')).toBe(0);
  expect(statusOf(pair.server)).toEqual(complete);
  expect(pair.serverSocket.sent).toEqual([]);
});

it('77. the largest message has 16384 bytes', () => {
  const message = Buffer.alloc(16384, 'm');
  const datagram = encrypt(message);
  expect(pair.clientSocket.sent).toEqual([]);
  expect(onlyRecordOf(datagram).type).toBe(ContentType.ApplicationData);
  expect(decrypt(datagram)).toBe(message.toString());
});

it.each([16385, 17408])('77. a message of %i bytes is refused, and the next one is sent', (size) => {
  expect(pair.client.writeDatagramEncrypted(pair.clientSocket, Buffer.alloc(size))).toBe(-1);
  expect(statusOf(pair.client)).toEqual({ state: 'HandshakeComplete', error: 'InvalidInputParameters' });
  expect(pair.client.dtlsErrorString()).toContain('16384');
  expect(pair.client.isConnectionEncrypted()).toBe(true);
  expect(pair.clientSocket.sent).toEqual([]);
  expect(decrypt(encrypt('small'))).toBe('small');
  expect(statusOf(pair.client)).toEqual(complete);
});

it('78. an empty datagram decrypts to nothing and leaves the error as it is', () => {
  spoil(pair.server);
  const error = pair.server.dtlsError();
  const text = pair.server.dtlsErrorString();
  expect(decrypt(Buffer.alloc(0))).toBe('');
  expect(pair.server.dtlsError()).toBe(error);
  expect(pair.server.dtlsErrorString()).toBe(text);
});

it('83. two messages in one datagram are delivered at once, in order', () => {
  const both = Buffer.concat([encrypt('first'), encrypt('second')]);
  expect(decrypt(both)).toBe('first');
  expect(pair.server.hasPendingDatagrams()).toBe(true);
  expect(pair.server.nextPendingDatagram().toString()).toBe('second');
  expect(pair.server.hasPendingDatagrams()).toBe(false);
  expect(pair.server.nextPendingDatagram()).toHaveLength(0);
  expect(decrypt(encrypt('third'))).toBe('third');
});

it('83. messages that were not fetched come before those of later datagrams, and none is lost', () => {
  const both = Buffer.concat([encrypt('first'), encrypt('second')]);
  expect(decrypt(both)).toBe('first');
  expect(decrypt(encrypt('third'))).toBe('second');
  expect(pair.server.nextPendingDatagram().toString()).toBe('third');
  expect(pair.server.hasPendingDatagrams()).toBe(false);
});

it('86. a socket that throws is reported, and the association goes on', () => {
  const errors: Error[] = [];
  pair.client.on('socketError', (error) => errors.push(error));
  pair.clientSocket.failure = new Error('no route to host');
  expect(pair.client.writeDatagramEncrypted(pair.clientSocket, 'lost')).toBe(-1);
  expect(statusOf(pair.client)).toEqual({ state: 'HandshakeComplete', error: 'UnderlyingSocketError' });
  expect(pair.client.dtlsErrorString()).toContain('no route to host');
  expect(errors).toEqual([pair.clientSocket.failure]);

  pair.clientSocket.failure = undefined;
  expect(decrypt(encrypt('found'))).toBe('found');
  expect(statusOf(pair.client)).toEqual(complete);
});

it('86. a send that fails later is reported when it does', async () => {
  pair.clientSocket.lateFailure = new Error('connection refused');
  expect(pair.client.writeDatagramEncrypted(pair.clientSocket, 'lost')).toBe(4);
  expect(await once(pair.client, 'socketError')).toEqual([pair.clientSocket.lateFailure]);
  expect(statusOf(pair.client)).toEqual({ state: 'HandshakeComplete', error: 'UnderlyingSocketError' });
  pair.clientSocket.lateFailure = undefined;
  expect(decrypt(encrypt('found'))).toBe('found');
  expect(statusOf(pair.client)).toEqual(complete);
});
