import { GeneratorParameters, QCryptographicHash, QDtls, QDtlsClientVerifier, SslMode } from '../../lib';
import { Command, stopCommands } from '../support/command';
import { LOOPBACK, LoopbackSocket } from '../support/loopback';
import { MemorySocket } from '../support/memory-socket';
import { statusOf } from '../support/stages';
import { NO_REPETITION } from '../support/timers';

const LIFETIME = 3_600_000;
const { Sha256 } = QCryptographicHash.Algorithm;

/** Verifies whoever sends it a hello, with this secret and lifetime, and says so. */
const script = `
  const { createSocket } = require('node:dgram');
  const { GeneratorParameters, QCryptographicHash, QDtlsClientVerifier } = require('qdtls');
  const [secret, lifetime] = process.argv.slice(1);
  const verifier = new QDtlsClientVerifier();
  const parameters = new GeneratorParameters(QCryptographicHash.Sha256, secret, { lifetime: Number(lifetime) });
  if (!verifier.setCookieGeneratorParameters(parameters)) throw new Error(verifier.dtlsErrorString());
  const socket = createSocket('udp4').bind(0, '${LOOPBACK}', () => console.log('port ' + socket.address().port));
  socket.on('message', (datagram, { address, port }) => {
    console.log(verifier.verifyClient(socket, datagram, address, port) ? 'verified' : 'answered');
  });`;

let socket: LoopbackSocket;

beforeEach(async () => {
  socket = await LoopbackSocket.open();
});

afterEach(async () => {
  socket.close();
  await stopCommands();
});

/** Another process that verifies clients. */
async function otherProcess(secret: string, lifetime: number): Promise<{ port: number; command: Command }> {
  const command = new Command(process.execPath, ['-e', script, secret, String(lifetime)]);
  const [, port = ''] = await command.waitFor(/port (\d+)/);
  return { port: Number(port), command };
}

/** A client of that process, and its first hello. */
function startClient(port: number): { client: QDtls; hello: Buffer } {
  const client = new QDtls(SslMode.SslClientMode);
  client.setPeer(LOOPBACK, port);
  client.setRetransmissionTimeouts(NO_REPETITION);
  client.doHandshake(socket);
  const [hello] = socket.sent.splice(0);
  if (hello === undefined) throw new Error(client.dtlsErrorString());
  return { client, hello };
}

/** What the client sends when it is given a cookie. */
function answer(client: QDtls, helloVerifyRequest: Buffer): Buffer {
  client.doHandshake(socket, helloVerifyRequest);
  client.abortHandshake(socket);
  const [hello] = socket.sent.splice(0);
  if (hello === undefined) throw new Error('the client did not answer');
  return hello;
}

async function nextDatagram(): Promise<Buffer> {
  if (socket.received.length === 0) await new Promise<void>((resolve) => socket.onMessage(() => resolve()));
  const datagram = socket.received.shift();
  if (datagram === undefined) throw new Error('a datagram was expected');
  return datagram;
}

describe.each([
  ['with a lifetime', LIFETIME],
  ['for ever', 0],
])('two processes with one secret, %s', (_, lifetime) => {
  const parameters = new GeneratorParameters(Sha256, 'of a whole cluster', { lifetime });

  it('take the cookies of each other', async () => {
    const other = await otherProcess('of a whole cluster', lifetime);
    const verifier = new QDtlsClientVerifier();
    verifier.setCookieGeneratorParameters(parameters);

    // Given there, taken here: by the verifier and by the server.
    const { client } = startClient(other.port);
    const hello = answer(client, await nextDatagram());
    expect(verifier.verifyClient(new MemorySocket(), hello, LOOPBACK, socket.port)).toBe(true);
    const server = new QDtls(SslMode.SslServerMode);
    server.setPeer(LOOPBACK, socket.port);
    server.setCookieGeneratorParameters(parameters);
    expect(server.doHandshake(new MemorySocket(), hello)).toBe(true);
    expect(statusOf(server)).toEqual({ state: 'HandshakeInProgress', error: 'NoError' });
    server.abortHandshake(new MemorySocket());

    // Given here, taken there.
    const second = startClient(other.port);
    const ours = new MemorySocket();
    verifier.verifyClient(ours, second.hello, LOOPBACK, socket.port);
    answer(second.client, ours.take());
    await other.command.waitFor(/verified/);
  });

  it('take none of a process with another secret', async () => {
    const other = await otherProcess('of somebody else', lifetime);
    const verifier = new QDtlsClientVerifier();
    verifier.setCookieGeneratorParameters(parameters);
    const { client } = startClient(other.port);
    const hello = answer(client, await nextDatagram());
    expect(verifier.verifyClient(new MemorySocket(), hello, LOOPBACK, socket.port)).toBe(false);
    expect(verifier.statistics()).toMatchObject({ answersSent: 1, verified: 0 });
  });
});
