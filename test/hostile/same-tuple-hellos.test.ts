import { setImmediate } from 'node:timers/promises';
import { QDtls, SslMode } from '../../lib';
import { serverConfiguration } from '../../lib/cli/configuration';
import { DEFAULT_HANDSHAKE, EXAMPLE_CREDENTIALS } from '../../lib/cli/options';
import { SecureUdpServer } from '../../lib/cli/secure-udp-server';
import { recordsOf } from '../support/dtls-records';
import { LiveAssociation, LOOPBACK, LoopbackSocket, openClient } from '../support/loopback';
import { MemorySocket } from '../support/memory-socket';
import { PSK, pskConfiguration } from '../support/pair';
import { NO_REPETITION } from '../support/timers';
import { Watch } from '../support/watch';

const ATTEMPTS = 200;
const configuration = pskConfiguration((settings) => settings.setCiphers('PSK-AES128-GCM-SHA256'));

/** An endpoint from which hellos of ever new clients come, all of them real. */
class RestlessEndpoint {
  readonly #socket: LoopbackSocket;
  readonly #port: number;
  readonly #watch = new Watch();
  readonly #clients = Array.from({ length: ATTEMPTS }, () => new QDtls(SslMode.SslClientMode));
  readonly #out = new MemorySocket();

  constructor(socket: LoopbackSocket, port: number) {
    this.#socket = socket;
    this.#port = port;
    socket.onMessage(() => this.#watch.notify());
  }

  /** The first hello of every client, without a cookie. */
  firstHellos(): Buffer[] {
    for (const client of this.#clients) {
      client.setDtlsConfiguration(configuration);
      client.setPeer(LOOPBACK, this.#port);
      client.setRetransmissionTimeouts(NO_REPETITION);
      client.doHandshake(this.#out);
    }
    return this.#out.takeAll();
  }

  /** Every client's hello with the cookie of this endpoint. */
  verifiedHellos(cookieRequest: Buffer): Buffer[] {
    for (const client of this.#clients) client.doHandshake(this.#out, cookieRequest);
    return this.#out.takeAll();
  }

  /** Sends them as fast as a receiver that works meanwhile can take them. */
  async send(datagrams: readonly Buffer[]): Promise<void> {
    for (const [index, datagram] of datagrams.entries()) {
      this.#socket.send(datagram, this.#port, LOOPBACK, () => undefined);
      if (index % 20 === 19) await setImmediate();
    }
  }

  /** Resolves to the answer to a hello that is sent now: by then all that was sent before has been dealt with. */
  async answerTo(hello: Buffer): Promise<Buffer> {
    const number = 0xfedc_ba98; // a cookie request has the record number of its hello
    const marked = Buffer.from(hello);
    marked.writeUIntBE(number, 5, 6);
    await this.send([marked]);
    const find = (): Buffer | undefined =>
      this.#socket.received.find((datagram) => recordsOf(datagram)[0]?.sequence === number);
    await this.#watch.until(() => find() !== undefined, () => 'a cookie request');
    return find() ?? Buffer.alloc(0);
  }

  /** A client that goes all the way, from the same endpoint. */
  async settleDown(): Promise<LiveAssociation> {
    for (const client of this.#clients) client.abortHandshake(this.#out);
    const dtls = new QDtls(SslMode.SslClientMode);
    dtls.setDtlsConfiguration(configuration);
    dtls.setPeer(LOOPBACK, this.#port);
    const client = new LiveAssociation(dtls, this.#socket);
    this.#socket.onMessage((datagram) => client.take(datagram));
    client.start();
    await client.encrypted();
    return client;
  }
}

describe('a server that gets hello after hello from one address and port', () => {
  const open: { close(): unknown }[] = [];

  afterEach(async () => {
    for (const socket of open.splice(0).reverse()) await socket.close();
  });

  it('keeps serving everybody else, and the client that settles down there', async () => {
    const trust = { credentials: EXAMPLE_CREDENTIALS, cookies: true, requireClientCertificate: false };
    const psk = { key: PSK, identity: null };
    const server = new SecureUdpServer({ configuration: serverConfiguration(trust), psk, ...DEFAULT_HANDSHAKE });
    open.push(server);
    const { port } = await server.listen(LOOPBACK, 0);
    const others: LiveAssociation[] = [];
    for (let count = 0; count < 5; count += 1) {
      const other = await openClient(port, configuration);
      open.push(other.socket);
      others.push(other);
      other.start();
      await other.encrypted();
    }

    const socket = await LoopbackSocket.open();
    open.push(socket);
    const restless = new RestlessEndpoint(socket, port);
    const first = restless.firstHellos();
    const [anyHello = Buffer.alloc(0)] = first;
    const verified = restless.verifiedHellos(await restless.answerTo(anyHello));
    expect(verified).toHaveLength(ATTEMPTS);
    const mixed = first.flatMap((hello, index) => [hello, verified[index] ?? hello, verified[index - 1] ?? hello]);
    await restless.send([...mixed, ...verified, ...verified]);
    socket.received.length = 0;
    await restless.answerTo(anyHello);
    expect(server.peers()).toHaveLength(others.length + 1);

    const last = await restless.settleDown();
    for (const client of [...others, last]) {
      client.say('still there?');
      await client.heard('12 bytes received, ACK');
      expect(client.failures).toEqual([]);
    }
    expect(server.peers().filter(({ session }) => session !== '')).toHaveLength(others.length + 1);
  });
});
