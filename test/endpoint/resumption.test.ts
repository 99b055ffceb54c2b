import { randomBytes } from 'node:crypto';
import { createSecureContext } from '../../lib/endpoint';
import { ask, clientTrust, closeEverything, join, rejection, serve, serveEcho, serverIdentity, ticketOf } from '../support/endpoints';
import type { DTLSSession } from '../../lib/endpoint';

afterEach(closeEverything);

describe('a session that is resumed', () => {
  it('is reused on both sides, with the authorization of the first one', async () => {
    const served: DTLSSession[] = [];
    const endpoint = serve((session) => {
      served.push(session);
      session.onmessage = (data) => void session.send(data);
    });
    const session = join(endpoint, { session: await ticketOf(join(endpoint)) });
    await session.opened;
    expect(await ask(session, 'hello')).toBe('hello');
    expect([session.reused, session.authorized]).toEqual([true, true]);
    expect(served.map(({ reused }) => reused)).toEqual([false, true]);
    expect(served[1]?.session).toBeUndefined();
  });

  it('is a full one when the server does not know the ticket', async () => {
    const ticket = await ticketOf(join(serveEcho({ ticketKeys: randomBytes(80) })));
    const session = join(serveEcho({ ticketKeys: randomBytes(80) }), { session: ticket });
    await session.opened;
    expect(session.reused).toBe(false);
  });

  it('crosses servers with the same ticket keys', async () => {
    const ticketKeys = randomBytes(80);
    const ticket = await ticketOf(join(serveEcho({ ticketKeys })));
    const session = join(serveEcho({ ticketKeys }), { session: ticket });
    await session.opened;
    expect(session.reused).toBe(true);
  });

  it('does not cross servers with another sessionIdContext', async () => {
    const ticketKeys = randomBytes(80);
    const ticket = await ticketOf(join(serveEcho({ ticketKeys, sessionIdContext: 'one' })));
    const session = join(serveEcho({ ticketKeys, sessionIdContext: 'two' }), { session: ticket });
    await session.opened;
    expect(session.reused).toBe(false);
  });

  it('works with a pre-shared key', async () => {
    const endpoint = serveEcho({ psk: { me: 'secret' } });
    const psk = { identity: 'me', key: 'secret' };
    const session = join(endpoint, { psk, session: await ticketOf(join(endpoint, { psk })) });
    await session.opened;
    expect(session.reused).toBe(true);
  });

  it('cannot be one with another host', async () => {
    const endpoint = serveEcho();
    const ticket = await ticketOf(join(endpoint));
    expect(() => join(endpoint, { session: ticket, servername: 'other.example' })).toThrow(
      'The "options.session" argument must be of a session with "other.example", not with "localhost"',
    );
  });

  it('cannot be made of other bytes', () => {
    const endpoint = serveEcho();
    expect(() => join(endpoint, { session: Buffer.from('nonsense') })).toThrow(/"options.session" argument must be what session.session/);
  });

  it('shares one context with others', async () => {
    const endpoint = serveEcho({ secureContext: createSecureContext({ isServer: true, ...serverIdentity }) });
    const secureContext = createSecureContext({ ca: clientTrust.ca });
    const first = join(endpoint, { secureContext, servername: 'localhost' });
    const ticket = await ticketOf(first);
    const session = join(endpoint, { secureContext, servername: 'localhost', session: ticket });
    await session.opened;
    expect(session.reused).toBe(true);
  });

  it('is refused like a full one by who does not trust the server any more', async () => {
    const endpoint = serveEcho();
    const ticket = await ticketOf(join(endpoint, { rejectUnauthorized: false, ca: [], servername: 'localhost' }));
    const session = join(endpoint, { ca: [], servername: 'localhost', session: ticket });
    expect((await rejection(session.opened)).message).toContain('not accepted');
  });
});
