import { GeneratorParameters, QCryptographicHash, QDtls, QSslConfiguration, SslMode } from '../../lib';
import { HandshakeType } from '../support/dtls-records';
import { messagesOf } from '../support/handshake-messages';
import { HelloScene } from '../support/hello-scene';
import { MemorySocket } from '../support/memory-socket';
import { answerPsk, CLIENT_ADDRESS, CLIENT_PORT, Pair, pskConfiguration } from '../support/pair';
import { statusOf } from '../support/stages';

// What a server does with the hello that a verifier has taken.

const { Sha256, Sha384 } = QCryptographicHash.Algorithm;
const inProgress = { state: 'HandshakeInProgress', error: 'NoError' };
const complete = { state: 'HandshakeComplete', error: 'NoError' };

function newServer(): QDtls {
  const server = new QDtls(SslMode.SslServerMode);
  server.setDtlsConfiguration(pskConfiguration());
  server.setPeer(CLIENT_ADDRESS, CLIENT_PORT);
  server.on('pskRequired', answerPsk);
  return server;
}

it.each([
  ['the default parameters', undefined],
  ['other parameters', new GeneratorParameters(Sha384, 'secret')],
])('107. a server with the same peer goes on from the verified hello (%s)', (_name, parameters) => {
  const scene = new HelloScene(parameters);
  const { server, serverSocket } = scene.pair;
  if (parameters !== undefined) expect(server.setCookieGeneratorParameters(parameters)).toBe(true);
  expect(scene.verify(scene.secondHello)).toBe(true);
  expect(server.doHandshake(serverSocket, scene.verifier.verifiedHello())).toBe(true);
  expect(statusOf(server)).toEqual(inProgress);
  const [answer] = messagesOf(...serverSocket.sent);
  expect(answer).toMatchObject({ type: HandshakeType.ServerHello, messageSequence: 1 });
  scene.pair.settle();
  expect(statusOf(server)).toEqual(complete);
  expect(statusOf(scene.pair.client)).toEqual(complete);
});

const used = new GeneratorParameters(Sha256, 'used');

it.each<[name: string, choose: (scene: HelloScene) => Buffer, spoil: (server: QDtls) => boolean]>([
  ['garbage', () => Buffer.from('garbage'), () => true],
  ['a hello without cookie', ({ firstHello }) => firstHello, () => true],
  [
    "another secret's cookie",
    ({ secondHello }) => secondHello,
    (server) => server.setCookieGeneratorParameters(new GeneratorParameters(Sha256, 'another')),
  ],
  ['a wrong port', ({ secondHello }) => secondHello, (server) => server.setPeer(CLIENT_ADDRESS, 1)],
  ['a wrong address', ({ secondHello }) => secondHello, (server) => server.setPeer('127.0.0.2', CLIENT_PORT)],
])('108. a server refuses to start with %s, and starts with what is right', (_name, choose, spoil) => {
  const scene = new HelloScene(used);
  const server = newServer();
  const socket = new MemorySocket();
  server.setCookieGeneratorParameters(used);
  expect(spoil(server)).toBe(true);
  expect(server.doHandshake(socket, choose(scene))).toBe(false);
  expect(statusOf(server)).toEqual({ state: 'HandshakeNotStarted', error: 'TlsFatalError' });
  expect(server.dtlsErrorString()).not.toBe('');
  expect(socket.sent).toEqual([]);

  expect(server.setPeer(CLIENT_ADDRESS, CLIENT_PORT)).toBe(true);
  expect(server.setCookieGeneratorParameters(used)).toBe(true);
  expect(server.doHandshake(socket, scene.secondHello)).toBe(true);
  expect(statusOf(server)).toEqual(inProgress);
  expect(socket.sent).not.toEqual([]);
});

it('111. the first part of a split hello is verified, and all of them continue the handshake', () => {
  const long = pskConfiguration((client) => client.setCiphers(QSslConfiguration.supportedCiphers()));
  const scene = new HelloScene(undefined, {}, { client: long, mtuHint: 256 });
  const [first, ...rest] = scene.secondHellos;
  for (const message of messagesOf(...scene.secondHellos)) {
    expect(message).toMatchObject({ type: HandshakeType.ClientHello, messageSequence: 1 });
  }
  expect(rest).not.toEqual([]);
  for (const part of rest) {
    expect(scene.verify(part)).toBe(false);
    expect(scene.error()).toBe('NoError');
  }
  expect(scene.verify(first ?? Buffer.alloc(0))).toBe(true);

  const { server, serverSocket, client } = scene.pair;
  for (const part of scene.secondHellos) {
    expect(serverSocket.sent).toEqual([]);
    expect(server.doHandshake(serverSocket, part)).toBe(true);
    expect(statusOf(server)).toEqual(inProgress);
  }
  expect(serverSocket.sent).not.toEqual([]);
  scene.pair.settle();
  expect(statusOf(server)).toEqual(complete);
  expect(statusOf(client)).toEqual(complete);
});

it('113. what a verifier was given is not felt by an association of the same thread', () => {
  const pair = new Pair().run();
  const scene = new HelloScene();
  const junk = [Buffer.from('junk'), Buffer.alloc(100, 22), scene.firstHello.subarray(0, 40)];
  const verifyJunk = (): void => junk.forEach((datagram) => void scene.verify(datagram));
  pair.client.writeDatagramEncrypted(pair.clientSocket, 'message');
  const message = pair.clientSocket.take();

  verifyJunk();
  expect(pair.server.decryptDatagram(pair.serverSocket, message).toString()).toBe('message');
  expect(statusOf(pair.server)).toEqual(complete);
  verifyJunk();
  expect(pair.server.decryptDatagram(pair.serverSocket, message)).toHaveLength(0);
  expect(statusOf(pair.server)).toEqual(complete);
  pair.client.shutdown(pair.clientSocket);
  verifyJunk();
  expect(pair.server.decryptDatagram(pair.serverSocket, pair.clientSocket.take())).toHaveLength(0);
  const closed = { state: 'HandshakeNotStarted', error: 'RemoteClosedConnectionError' };
  expect(statusOf(pair.server)).toEqual(closed);
});
