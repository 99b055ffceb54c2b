import { ObserveReadStream, type OutgoingMessage } from 'coap';
import { randomBytes } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { CoapClient, serveCoap, stopCoap, type Respond } from '../support/coap';
import { ask, closeEverything, join } from '../support/endpoints';

afterEach(async () => {
  stopCoap();
  await closeEverything();
});

const greet: Respond = (request, response) => {
  response.end(`${request.method} ${request.url} ${request.payload.toString()}`);
};

/** A client of a server that responds so. */
async function clientOf(respond: Respond): Promise<CoapClient> {
  const session = join(serveCoap(respond));
  await session.opened;
  return new CoapClient(session);
}

/** A resource that can be observed and changed. */
class Resource {
  readonly #observers: OutgoingMessage[] = [];
  readonly #events = new EventEmitter();

  /** Resolves when an observer has said that it ends. */
  readonly deregistered = once(this.#events, 'deregistered');

  readonly respond: Respond = (request, response) => {
    if (request.headers.Observe !== 0) {
      response.end('state');
      if (request.headers.Observe === 1) this.#events.emit('deregistered');
      return;
    }
    this.#observers.push(response);
    response.write('state 0');
  };

  change(state: string): void {
    for (const observer of this.#observers) observer.write(state);
  }
}

async function observe(client: CoapClient): Promise<ObserveReadStream> {
  const stream = await client.request({ pathname: '/state', observe: true });
  if (stream instanceof ObserveReadStream) return stream;
  throw new Error('it is not observed');
}

function notified(stream: ObserveReadStream): Promise<string> {
  return new Promise((resolve) => stream.once('data', (state: unknown) => resolve(String(state))));
}

describe("npm's coap over a session", () => {
  it('gets', async () => {
    const client = await clientOf(greet);
    const { code, payload } = await client.ask({ pathname: '/a/b', query: 'c=d' });
    expect([code, payload.toString()]).toEqual(['2.05', 'GET /a/b?c=d ']);
  });

  it('gets without waiting for the handshake', async () => {
    const client = new CoapClient(join(serveCoap(greet)));
    expect(String((await client.ask({ pathname: '/early' })).payload)).toBe('GET /early ');
  });

  it('gets by a message that is not confirmed', async () => {
    const client = await clientOf(greet);
    expect(String((await client.ask({ pathname: '/x', confirmable: false })).payload)).toBe('GET /x ');
  });

  it('posts', async () => {
    const client = await clientOf((request, response) => {
      response.code = '2.04';
      greet(request, response);
    });
    const { code, payload } = await client.ask({ method: 'POST', pathname: '/door' }, 'open');
    expect([code, payload.toString()]).toEqual(['2.04', 'POST /door open']);
  });

  it.each([1, 1025, 4096, 10_000])('uploads and downloads %i bytes in blocks', async (size) => {
    const client = await clientOf((request, response) => response.end(request.payload));
    const payload = randomBytes(size);
    const block = { Block1: Buffer.of(6) }; // 1024 bytes (RFC 7959 section 2.2)
    const answer = await client.ask({ method: 'POST', pathname: '/echo', options: block }, payload);
    expect(answer.payload.equals(payload)).toBe(true);
  });

  it('observes until it ends the observation', async () => {
    const resource = new Resource();
    const client = await clientOf(resource.respond);
    const stream = await observe(client);
    expect(await notified(stream)).toBe('state 0');
    for (const state of ['state 1', 'state 2', 'state 3']) {
      const next = notified(stream);
      resource.change(state);
      expect(await next).toBe(state);
    }
    stream.close(true);
    await resource.deregistered;
    expect(String((await client.ask({ pathname: '/state' })).payload)).toBe('state');
  });
});

describe("npm's coap over an endpoint", () => {
  it('serves two clients at once', async () => {
    const payloads = [randomBytes(3000), randomBytes(5000)] as const;
    const endpoint = serveCoap((request, response) => {
      response.end(request.url === '/0' ? payloads[0] : payloads[1]);
    });
    const clients = [new CoapClient(join(endpoint)), new CoapClient(join(endpoint))];
    const answers = await Promise.all(clients.map((client, index) => client.ask({ pathname: `/${index}` })));
    answers.forEach(({ payload }, index) => expect(payload.equals(payloads[index] ?? Buffer.of())).toBe(true));
    expect(endpoint.sessions).toHaveLength(2);
  });

  it('notifies two observers, each through its own session', async () => {
    const resource = new Resource();
    const endpoint = serveCoap(resource.respond);
    const streams = await Promise.all([1, 2].map(() => observe(new CoapClient(join(endpoint)))));
    await Promise.all(streams.map(notified));
    const notifications = Promise.all(streams.map(notified));
    resource.change('state 1');
    expect(await notifications).toEqual(['state 1', 'state 1']);
    expect(endpoint.sessions.map(({ stats }) => stats.messagesSent)).toEqual([2n, 2n]);
  });

  it('goes on when a client has left before it is answered', async () => {
    const held: OutgoingMessage[] = [];
    const endpoint = serveCoap((request, response) => {
      if (request.url === '/now') response.end('answer');
      else held.push(response);
    });
    const leaving = join(endpoint);
    void new CoapClient(leaving).request({ pathname: '/later' }).catch(() => undefined);
    const staying = new CoapClient(join(endpoint));
    await staying.ask({ pathname: '/now' });
    const [served] = endpoint.sessions;
    await leaving.close();
    await served?.closed;
    expect(held).toHaveLength(1);
    held[0]?.end('too late');
    expect(String((await staying.ask({ pathname: '/now' })).payload)).toBe('answer');
  });

  it('answers what is no CoAP, for which it gives send() the port alone', async () => {
    const session = join(serveCoap(greet));
    await session.opened;
    expect(await ask(session, '\0')).toContain('Unsupported version');
  });
});
