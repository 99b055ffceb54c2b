import { Socket } from 'node:dgram';
import { once } from 'node:events';
import type { DTLSSession } from '../../lib/endpoint';
import { closeEverything, heard, HOST, join, portOf, serve, serveEcho } from '../support/endpoints';

afterEach(closeEverything);

type Message = string | Buffer | readonly Buffer[];
type View = ReturnType<DTLSSession['toSocket']>;

/** Sends and resolves to what the callback was called with. */
function sent(view: View, message: Message, ...rest: readonly (number | string)[]): Promise<unknown[]> {
  return new Promise((resolve) => view.send(message, ...rest, (...results: unknown[]) => resolve(results)));
}

function received(view: View): Promise<[message: string, from: unknown]> {
  return new Promise((resolve) => view.once('message', (message, from) => resolve([String(message), from])));
}

async function openClient(): Promise<DTLSSession> {
  const session = join(serveEcho());
  await session.opened;
  return session;
}

describe('the view of a session', () => {
  it('is a dgram.Socket for who asks', async () => {
    expect((await openClient()).toSocket()).toBeInstanceOf(Socket);
  });

  it('has a method of its own for each of dgram.Socket', async () => {
    const view = (await openClient()).toSocket();
    const names = Object.getOwnPropertyNames(Socket.prototype).filter((name) => !name.startsWith('_'));
    const inherited = names.filter((name) => Reflect.get(view, name) === Reflect.get(Socket.prototype, name));
    expect(inherited).toEqual(['sendto']); // deprecated, and calls send()
  });

  it.each<[name: string, message: Message, ...rest: (number | string)[]]>([
    ['the message alone', 'hello'],
    ['bytes', Buffer.from('hello')],
    ['parts', [Buffer.from('hel'), Buffer.from('lo')]],
    ['a port', 'hello', 9],
    ['a port and an address', 'hello', 9, '192.0.2.1'],
    ['a range', Buffer.from('+hello+'), 1, 5],
    ['a range, a port and an address', Buffer.from('+hello+'), 1, 5, 9, '192.0.2.1'],
  ])('sends to its peer, given %s', async (_, message, ...rest) => {
    const view = (await openClient()).toSocket();
    const answer = received(view);
    expect(await sent(view, message, ...rest)).toEqual([null, 5]);
    expect((await answer)[0]).toBe('hello');
  });

  it('calls back for an empty message, which it does not send', async () => {
    const session = await openClient();
    expect(await sent(session.toSocket(), '')).toEqual([null, 0]);
    expect(session.stats.messagesSent).toBe(0n);
  });

  it.each([
    ['begins before', -1, 2],
    ['ends behind', 3, 3],
    ['is no whole number of bytes', 0, 1.5],
  ])('refuses a range that %s its message', async (_, offset, length) => {
    const view = (await openClient()).toSocket();
    expect(() => view.send(Buffer.from('12345'), offset, length)).toThrow(RangeError);
  });

  it('says where a message comes from', async () => {
    const session = await openClient();
    const answer = received(session.toSocket());
    session.send('hello');
    expect(await answer).toEqual(['hello', { ...session.remoteAddress, size: 5 }]);
    expect(session.toSocket().remoteAddress()).toEqual(session.remoteAddress);
    expect(session.toSocket().address()).toEqual(session.endpoint.address);
  });

  it('sends what was given to it early when the handshake is complete', async () => {
    const view = join(serveEcho()).toSocket();
    const answer = received(view);
    view.send('early');
    expect((await answer)[0]).toBe('early');
  });

  it('says that it is bound and connected when it is asked to be', async () => {
    const view = (await openClient()).toSocket();
    const events = [once(view, 'listening'), once(view, 'connect')];
    const calls = [new Promise<void>((resolve) => view.bind(0, resolve))];
    calls.push(new Promise<void>((resolve) => view.connect(1, HOST, resolve)));
    await Promise.all([...events, ...calls]);
  });

  it('closes the session', async () => {
    const session = await openClient();
    const view = session.toSocket();
    await new Promise<void>((resolve) => view.close(resolve));
    expect(session.destroyed).toBe(true);
  });

  it('has an error and then its end when the session is lost', async () => {
    const session = await openClient();
    const view = session.toSocket();
    const events: unknown[] = [];
    view.on('error', (error) => events.push(error));
    const closed = new Promise<void>((resolve) => view.once('close', resolve));
    const loss = new Error('lost');
    session.destroy(loss);
    await closed;
    expect(events).toEqual([loss]);
    expect(await sent(view, 'too late')).toEqual([expect.objectContaining({ code: 'ERR_INVALID_STATE' })]);
  });
});

describe('the view of an endpoint', () => {
  it('hears all sessions, those before it and those after, and answers each', async () => {
    const endpoint = serve(() => undefined);
    const before = join(endpoint);
    await before.opened;
    const view = endpoint.toSocket();
    view.on('message', (message, { port, address }) => view.send(message, port, address));
    const after = join(endpoint);
    await after.opened;
    const answers = Promise.all([before, after].map(heard));
    before.send('one');
    after.send('two');
    expect(await answers).toEqual(['one', 'two']);
  });

  it('takes a port without an address for one of this machine', async () => {
    const endpoint = serve(() => undefined);
    const session = join(endpoint);
    await session.opened;
    const answer = heard(session);
    endpoint.toSocket().send('hello', session.endpoint.address?.port);
    expect(await answer).toBe('hello');
  });

  it('loses what is for somebody who is not there, without an error, as UDP does', async () => {
    const view = serve(() => undefined).toSocket();
    view.on('error', (error) => expect(error).toBeUndefined());
    expect(await sent(view, 'hello', 9, HOST)).toEqual([null, 5]);
  });

  it('closes the endpoint', async () => {
    const endpoint = serve(() => undefined);
    const view = endpoint.toSocket();
    expect(view.address()).toMatchObject({ address: HOST, port: portOf(endpoint) });
    await new Promise<void>((resolve) => view.close(resolve));
    expect(endpoint.destroyed).toBe(true);
    expect(() => view.address()).toThrow('not bound');
  });
});
