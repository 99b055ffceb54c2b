import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { channels } from '../../lib/endpoint/diagnostics';
import { clientAt, joinNetwork, NetworkTransport, SERVER } from '../support/endpoint-network';
import { ask, closeEverything, join, portOf, rejection, serve, serveEcho, HOST } from '../support/endpoints';
import { HelloMaker, withOtherRandom } from '../support/forged-hellos';
import { LossyNetwork } from '../support/lossy-link';
import { cookieRequests } from '../support/credentials';
import type { DTLSEndpoint} from '../../lib/endpoint';
import { connect, DTLSSession } from '../../lib/endpoint';

afterEach(closeEverything);

const PSK = { identity: 'me', key: 'secret' };
const nobody = (): void => undefined;

/** A server's session that is open. */
async function accepted(endpoint: DTLSEndpoint): Promise<DTLSSession> {
  await join(endpoint).opened;
  const [session] = endpoint.sessions;
  if (session === undefined) throw new Error('there is no session');
  await session.opened;
  return session;
}

/** A hello of this address with the right cookie. */
async function provenHello(network: LossyNetwork, from: ReturnType<typeof clientAt>): Promise<Buffer> {
  const maker = new HelloMaker(SERVER);
  const request = new Promise<Buffer>((resolve) => {
    network.onPacket = ({ datagram }) => {
      if (cookieRequests([datagram]) > 0) resolve(datagram);
    };
  });
  network.inject({ from, to: SERVER, datagram: maker.first });
  const hello = maker.answer(await request);
  await network.quiet(); // else the answer reaches who has this address next
  maker.stop();
  return hello;
}

describe('a handshake that has just begun', () => {
  it('is not ended by a hello that somebody has forged who saw a cookie of its address', async () => {
    const network = new LossyNetwork(1);
    const client = clientAt(1);
    const hello = await (async () => {
      serve(nobody, { psk: { me: 'secret' }, socket: new NetworkTransport(network, SERVER), cookieSecret: 'shared' });
      return provenHello(network, client);
    })();
    await closeEverything();
    let forge: () => void = nobody;
    const key = new Promise<string>((resolve) => {
      forge = () => {
        network.inject({ from: client, to: SERVER, datagram: withOtherRandom(hello) });
        setImmediate(() => resolve('secret'));
      };
    });
    const psk = (): Promise<string> => {
      forge();
      return key;
    };
    const endpoint = serveEcho({ psk, socket: new NetworkTransport(network, SERVER), cookieSecret: 'shared' });
    const session = joinNetwork(network, client, { psk: PSK });
    await session.opened;
    expect(await ask(session, 'hello')).toBe('hello');
    expect(endpoint.sessions[0]?.protocol).toBe('DTLSv1.2');
  });
});

describe('a client that restarts', () => {
  it('is let in although its own old session is all that the limit allows', async () => {
    const endpoint = serveEcho({ psk: { me: 'secret' }, maxSessions: 1, maxSessionsPerHost: 1 });
    const first = join(endpoint, { psk: PSK });
    await first.opened;
    const bindPort = first.endpoint.address?.port ?? 0;
    first.endpoint.destroy();
    await first.endpoint.closed;
    const second = join(endpoint, { psk: PSK, bindPort });
    await second.opened;
    expect(endpoint.sessions).toHaveLength(1);
  });
});

describe('what is over', () => {
  it('sends nothing any more when a subscriber of its start has ended it', async () => {
    const end = (message: unknown): void => {
      const session = typeof message === 'object' && message !== null && 'session' in message ? message.session : null;
      if (session instanceof DTLSSession) session.destroy();
    };
    const name = String(channels.handshakeStart.name);
    subscribe(name, end);
    const session = connect(HOST, portOf(serveEcho()), { rejectUnauthorized: false });
    await rejection(session.opened);
    unsubscribe(name, end);
    await session.endpoint.closed;
    expect(session.endpoint.stats.packetsSent).toBe(0n);
  });

  it('is not served any more: an endpoint that a listener has closed has no session', async () => {
    const endpoint = serve((session) => {
      session.destroy();
      void endpoint.close();
    });
    const session = join(endpoint);
    await endpoint.closed;
    session.destroy();
    expect(endpoint.sessions).toEqual([]);
  });
});

describe('rebind()', () => {
  it('ends a handshake that has begun beside the session that moves', async () => {
    const network = new LossyNetwork(2);
    const [here, there] = [clientAt(1), clientAt(2)];
    const endpoint = serveEcho({ psk: { me: 'secret' }, socket: new NetworkTransport(network, SERVER) });
    const client = joinNetwork(network, here, { psk: PSK });
    await client.opened;
    const [session] = endpoint.sessions;
    const hello = await provenHello(network, here);
    const started = once(endpoint, 'session');
    network.inject({ from: here, to: SERVER, datagram: hello });
    await started;
    expect(endpoint.sessions).toHaveLength(2);
    session?.rebind(there.address, there.port);
    expect(endpoint.sessions).toEqual([session]);
    expect(session?.remoteAddress).toMatchObject(there);
  });
});

describe('send()', () => {
  it('calls back for an empty message, which is not sent', async () => {
    const session = join(serve(nobody));
    await session.opened;
    await new Promise((resolve) => session.send('', resolve));
    expect(session.stats.messagesSent).toBe(0n);
  });
});

describe('connect()', () => {
  const failing = (session: DTLSSession): Promise<Error> => rejection(session.opened);

  it('fails with what a lookup throws', async () => {
    const lookup = (): never => {
      throw new Error('no such service');
    };
    expect((await failing(connect('some.example', 1, { lookup }))).message).toBe('no such service');
  });

  it('takes the first answer of a lookup', async () => {
    const endpoint = serveEcho();
    const session = connect('some.example', portOf(endpoint), {
      ...{ rejectUnauthorized: false },
      lookup: (_name, _options, callback) => {
        callback(null, HOST, 4);
        callback(new Error('too late'), '', 4);
      },
    });
    await session.opened;
    expect(session.destroyed).toBe(false);
    await session.close();
  });

  it('says that an address is no peer', async () => {
    expect((await failing(connect('255.255.255.255', 1))).message).toContain('broadcast');
  });

  it('tells the session that nobody listens there, and goes on', async () => {
    const gone = serve(nobody);
    const port = portOf(gone);
    await gone.close();
    const session = connect(HOST, port, { handshakeTimeout: 5000, rejectUnauthorized: false });
    const values: readonly unknown[] = await once(session, 'sendError');
    expect(values[0]).toMatchObject({ code: 'ECONNREFUSED' });
    expect(session.destroyed).toBe(false);
    session.destroy();
  });

  it('counts what the socket refuses, all after the first of which it hears', async () => {
    const server = await accepted(serve(nobody));
    // A broadcast, which sockets refuse unless they are told otherwise.
    server.rebind('255.255.255.255', 9);
    const answers: unknown[] = [];
    for (let i = 0; i < 16; i += 1) {
      server.send('told', (error) => answers.push(error));
      server.send('every 16th is asked about');
    }
    await nextTurn();
    expect(answers).toMatchObject(new Array(16).fill({ code: 'EACCES' }));
    const before = server.stats.sendErrors;
    expect(Number(before)).toBeGreaterThanOrEqual(1);
    for (let i = 0; i < 10; i += 1) server.send('now all are');
    await nextTurn();
    expect(server.stats.sendErrors - before).toBe(10n);
  });

  it('asks a socket of the user about each message', async () => {
    const network = new LossyNetwork(1);
    const transport = new NetworkTransport(network, SERVER);
    const endpoint = serve(nobody, { psk: { me: 'secret' }, socket: transport });
    const client = joinNetwork(network, clientAt(1), { psk: PSK });
    await client.opened;
    const [server] = endpoint.sessions;
    const callbacks = jest.spyOn(transport, 'send');
    for (let i = 0; i < 20; i += 1) server?.send('message');
    expect(callbacks.mock.calls.map((values) => typeof values[3])).toEqual(new Array(20).fill('function'));
  });
});
