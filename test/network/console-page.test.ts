import { connect } from 'node:net';
import { networkInterfaces } from 'node:os';
import { ask, OpenConsole } from '../support/console-page';

const CLIENT = { connections: '2', 'ping-interval': '20ms', credentials: 'psk', psk: '1a2b3c4d5e6f' };
const JSON_BODY = { 'content-type': 'application/json' };

// Jest's matchers for parts are of type any.
const containing = (text: string): unknown => expect.stringContaining(text);
const having = (part: Record<string, unknown>): unknown => expect.objectContaining(part);
const among = (entries: readonly unknown[]): unknown => expect.arrayContaining([...entries]);

let opened: OpenConsole;

beforeEach(async () => {
  opened = new OpenConsole();
  await opened.open();
});

afterEach(() => opened.close());

/** Starts the server on a free port, and returns that port. */
async function listen(fields: Record<string, string | boolean> = {}): Promise<string> {
  const answer = await opened.act('listen', { address: '127.0.0.1', port: '0', ...fields });
  expect(answer).toMatchObject({ status: 204 });
  return /\d+$/.exec(opened.console.snapshot().state.server.place)?.[0] ?? '';
}

/** What an action is refused with. */
async function refusalOf(name: string, body: unknown): Promise<unknown> {
  const answer = await opened.act(name, body);
  expect(answer.status).toBe(400);
  return JSON.parse(answer.body);
}

describe("the console's page", () => {
  it('is served with its script and style, and may load nothing else', async () => {
    const page = await ask(opened.address);
    expect(page).toMatchObject({ status: 200, headers: { 'content-type': 'text/html; charset=utf-8' } });
    expect(page.headers['content-security-policy']).toContain("default-src 'none'; script-src 'self'");
    expect(page.body).not.toMatch(/(src|href)="(https?:)?\/\//);
    for (const [, name = ''] of page.body.matchAll(/(?:src|href)="([a-z.-]+)"/g)) {
      expect(await ask(new URL(name, opened.address))).toMatchObject({ status: 200 });
    }
  });

  it('has an address with at least 128 bits of chance, another one each time', async () => {
    const other = new OpenConsole();
    await other.open();
    const [one, two] = [opened.address, other.address].map((address) => new URL(address).pathname);
    await other.close();
    expect(one).toMatch(/^\/[\w-]{22,}\/$/);
    expect(two).not.toBe(one);
  });

  it.each([['/'], ['/events'], ['/actions/listen'], [`/${'A'.repeat(32)}/`], [`/${'A'.repeat(32)}/events`]])(
    'is not found at %s, without its token',
    async (path) => {
      expect(await ask(new URL(path, opened.address))).toMatchObject({ status: 404 });
    },
  );

  it.each(['../package.json', '%2e%2e/package.json', 'console.js', 'page', 'main.js/'])('serves no other file: %s', async (name) => {
    const { host, pathname } = new URL(opened.address);
    expect(await ask(`http://${host}${pathname}${name}`)).toMatchObject({ status: 404 });
  });

  it('listens at the loopback address only', async () => {
    const port = Number(new URL(opened.address).port);
    const own = Object.values(networkInterfaces()).flatMap((addresses) => addresses ?? []);
    const others = own.filter(({ internal, family }) => !internal && family === 'IPv4').map(({ address }) => address);
    for (const host of ['127.0.0.2', ...others]) {
      const outcome = await new Promise((resolve) => {
        const socket = connect(port, host, () => resolve('connected'));
        socket.on('error', () => resolve('refused')).on('close', () => socket.destroy());
      });
      expect({ host, outcome }).toEqual({ host, outcome: 'refused' });
    }
  });

  it.each([
    ['another Host, as after DNS rebinding', { host: 'evil.example:80' }],
    ['the Host without its port', { host: '127.0.0.1' }],
    ['the Origin of another page', { origin: 'https://evil.example' }],
    ['the Origin of another port', { origin: 'http://127.0.0.1:1' }],
    ['the Origin of a sandboxed page', { origin: 'null' }],
    ['Sec-Fetch-Site: cross-site', { 'sec-fetch-site': 'cross-site' }],
    ['Sec-Fetch-Site: same-site', { 'sec-fetch-site': 'same-site' }],
  ])('refuses requests with %s', async (_, headers: Record<string, string>) => {
    for (const method of ['GET', 'POST']) {
      const url = method === 'GET' ? opened.address : new URL('actions/stop-listening', opened.address);
      expect(await ask(url, { method, headers: { ...JSON_BODY, ...headers }, body: '{}' })).toMatchObject({ status: 403 });
    }
  });

  it.each([
    ['a form of another page', 'stop-listening', { 'content-type': 'text/plain' }, '{}', 415],
    ['no JSON', 'stop-listening', JSON_BODY, '{', 400],
    ['a list', 'stop-listening', JSON_BODY, '[]', 400],
    ['nested values', 'listen', JSON_BODY, '{"port":{"a":1}}', 400],
    ['too much', 'listen', JSON_BODY, ' '.repeat(300_000), 413],
    ['an unknown action', 'reboot', JSON_BODY, '{}', 400],
    ['the name of an inherited member', 'constructor', JSON_BODY, '{}', 400],
  ])('refuses to act on %s', async (_, name, headers, body, status) => {
    const url = new URL(`actions/${name}`, opened.address);
    expect(await ask(url, { method: 'POST', headers, body })).toMatchObject({ status });
  });

  it('answers other methods with 405', async () => {
    expect(await ask(opened.address, { method: 'PUT' })).toMatchObject({ status: 405 });
  });
});

describe('a form of the console', () => {
  it.each([
    ['listen', { port: 'abc' }, 'port', '“Port” must be a port number from 0 to 65535, but "abc" was given.'],
    ['listen', { address: 'here' }, 'address', '“Address” must be an IPv4 or IPv6 address'],
    ['listen', { psk: 'xyz' }, 'psk', '“Key” must be 1 to 512 bytes as hexadecimal digits'],
    ['listen', { credentials: 'own' }, 'cert', '“Certificate” must be a file on this machine or a PEM text'],
    ['listen', { credentials: 'own', cert: '/no/such.pem' }, 'cert', '“Certificate” must name a file that can be read'],
    ['listen', { credentials: 'own', cert: __filename }, 'cert', '“Certificate” must name a file with PEM certificates'],
    ['listen', { credentials: 'test' }, 'credentials', 'there are none yet'],
    ['listen', { credentials: 'magic' }, 'credentials', '“Proof of identity” must be psk, test or own'],
    ['listen', { wat: '1' }, 'wat', 'must be a field of this form'],
    ['listen', { for: '1s' }, 'for', 'must be a field of this form'],
    ['listen', { mtu: '12' }, 'mtu', '“MTU” must be a number of bytes from 256 to 65535'],
    ['connect', { port: '0' }, 'port', '“Port” must be a port number from 1 to 65535'],
    ['connect', { connections: '201' }, 'connections', '“Connections” must leave the console at most 200'],
    ['connect', { 'ping-interval': '5' }, 'ping-interval', '“Ping every” must be a duration with its unit'],
    ['connect', { credentials: 'own', ca: 'x', insecure: true }, 'insecure', '“Accept any certificate” must come without “Authorities”'],
    ['connect', { credentials: 'own', key: 'x' }, 'key', '“Private key” must come with “Certificate”'],
    ['connect', { host: 'no such host' }, 'host', '“Host” must be a host name or an IP address'],
  ])('%s %j is refused for the field %s', async (action, fields, field, message) => {
    const refused = await refusalOf(action, fields);
    expect(refused).toMatchObject({ field, message: containing(message) });
  });

  it('never repeats a private key in what it complains about', async () => {
    const key = '-----BEGIN PRIVATE KEY-----\nbm8ga2V5\n-----END PRIVATE KEY-----';
    const refused = await refusalOf('listen', { credentials: 'own', cert: key });
    expect(refused).toMatchObject({ field: 'cert', message: containing('the given text holds none') });
    expect(JSON.stringify(refused)).not.toContain('bm8ga2V5');
  });

  it('names the port when another program has it, and logs what that means', async () => {
    const port = await listen();
    const other = new OpenConsole();
    await other.open();
    const answer = await other.act('listen', { address: '127.0.0.1', port });
    const [line] = other.console.snapshot().lines;
    await other.close();
    expect(JSON.parse(answer.body)).toMatchObject({ field: 'port', message: containing('EADDRINUSE') });
    expect(line).toMatchObject({ level: 'error', meaning: containing('Another program has this port') });
  });

  it('keeps what was typed for the next page, but for the passphrase', async () => {
    await opened.act('keep-client-form', { host: 'typed.example', passphrase: 'secret' });
    const snapshot = await opened.snapshot();
    expect(snapshot).toMatchObject({ forms: { client: { host: 'typed.example' } } });
    expect(JSON.stringify(snapshot)).not.toContain('secret');
  });
});

describe('the console', () => {
  it('shows a page that comes later what has happened before', async () => {
    const port = await listen();
    await opened.act('connect', { ...CLIENT, port });
    await opened.until(({ state }) => state.clients.every(({ pings }) => (pings?.acknowledged ?? 0) >= 2));
    const snapshot = await opened.snapshot();
    expect(snapshot).toMatchObject({
      state: {
        server: { listening: 'open', place: `127.0.0.1:${port}`, associations: [{ state: 'encrypted' }, { state: 'encrypted' }] },
        clients: [
          { name: 'Alice (clone number 0)', state: 'encrypted', status: { protocol: 'DTLS 1.2', mtu: 576 } },
          { name: 'Alice (clone number 1)', state: 'encrypted', peer: `127.0.0.1:${port}` },
        ],
      },
      lines: among([
        having({ side: 'server', level: 'info', text: `listening on 127.0.0.1:${port}` }),
        having({ side: 'client', level: 'data', data: having({ direction: 'received' }) }),
      ]),
    });
  });

  it('measures the round trip of pings', async () => {
    const port = await listen();
    await opened.act('connect', { ...CLIENT, port });
    await opened.until(({ state, samples }) => {
      const measured = samples.flatMap(({ rates }) => rates).filter(({ roundTrip }) => roundTrip !== null);
      return measured.length >= 2 && state.clients.every(({ roundTrip }) => (roundTrip ?? 0) > 0);
    });
  });

  it('shuts down one association, and then all others', async () => {
    const port = await listen();
    await opened.act('connect', { ...CLIENT, port });
    await opened.until(({ state }) => state.server.associations.filter(({ state }) => state === 'encrypted').length === 2);
    const [first] = opened.console.snapshot().state.server.associations;
    await opened.act('shut-down-server', { id: first?.id ?? '' });
    await opened.until(({ state }) => state.clients.filter(({ state }) => state === 'remote').length === 1);
    await opened.act('shut-down-client');
    await opened.until(({ state }) => state.server.associations.length === 0);
    expect(opened.console.snapshot().state.clients.map(({ state }) => state).sort()).toEqual(['closed', 'remote']);
    await opened.act('forget-ended');
    expect(opened.console.snapshot().state.clients).toEqual([]);
  });

  it("stops as Qt's server does: clients that are there stay, and the port closes when the last has gone", async () => {
    const port = await listen();
    await opened.act('connect', { ...CLIENT, port });
    await opened.until(({ state }) => state.clients.every(({ state }) => state === 'encrypted'));
    await opened.act('stop-listening');
    await opened.act('connect', { ...CLIENT, port, connections: '1', 'handshake-deadline': '200ms' });
    await opened.until(({ state }) => state.clients.some(({ state }) => state === 'failed'));
    expect(opened.console.snapshot().state).toMatchObject({ server: { listening: 'stopped', associations: { length: 2 } } });
    await opened.act('shut-down-client');
    await opened.until(({ state }) => state.server.listening === 'closed');
  });

  it('leaves one server when several are asked for at once', async () => {
    const ask = { address: '127.0.0.1', port: '0' };
    await Promise.all(['256', '300', '400'].map((mtu) => opened.act('listen', { ...ask, mtu })));
    const lines = opened.console.snapshot().lines.map(({ text }) => text);
    const count = (start: string): number => lines.filter((text) => text.startsWith(start)).length;
    expect(count('listening on') - count('the socket is closed')).toBe(1);
  });

  it('accepts clients again when the same is asked for after a stop', async () => {
    const port = await listen();
    await opened.act('connect', { ...CLIENT, port });
    await opened.until(({ state }) => state.clients.every(({ state }) => state === 'encrypted'));
    await opened.act('stop-listening');
    expect(await listen()).toBe(port);
    await opened.act('connect', { ...CLIENT, port });
    await opened.until(({ state }) => state.server.associations.length === 4);
  });

  it.each([
    ['and no certificate of the client', {}],
    ['on both sides', { 'require-client-cert': true }],
  ])('connects by test certificates, verified, %s', async (_, fields) => {
    await opened.act('make-test-certificates');
    const port = await listen({ credentials: 'test', ...fields });
    await opened.act('connect', { port, host: '127.0.0.1', credentials: 'test', 'ping-interval': '20ms' });
    await opened.until(({ state }) => state.clients.some(({ pings }) => (pings?.acknowledged ?? 0) > 0));
    const pem = await ask(new URL('test-authority.pem', opened.address));
    expect(pem.body).toMatch(/^-----BEGIN CERTIFICATE-----/);
  });

  it('explains why a certificate is refused', async () => {
    await opened.act('make-test-certificates');
    const port = await listen({ credentials: 'test' });
    await opened.act('connect', { port, credentials: 'own' });
    await opened.until(({ state }) => state.clients.some(({ state }) => state === 'unverified'));
    const errors = opened.console.snapshot().lines.filter(({ side, level }) => side === 'client' && level === 'error');
    expect(errors).not.toEqual([]);
    for (const { meaning } of errors) expect(meaning).not.toBe('');
  });

  it('ends every association when it is closed', async () => {
    const port = await listen();
    await opened.act('connect', { ...CLIENT, port });
    await opened.until(({ state }) => state.clients.every(({ state }) => state === 'encrypted'));
    await opened.console.close();
    expect(opened.console.snapshot().state.server.listening).toBe('closed');
    expect(opened.console.snapshot().state.clients.map(({ state }) => state)).toEqual(['closed', 'closed']);
  });
});
