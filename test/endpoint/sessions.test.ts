import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { ask, clientTrust, closeEverything, HOST, join, portOf, rejection, serve, serveEcho } from '../support/endpoints';
import { connect, type DTLSSession } from '../../lib/endpoint';

afterEach(closeEverything);

describe('a session', () => {
  it('exchanges messages with a server whose certificate is right', async () => {
    const session = join(serveEcho());
    await expect(session.opened).resolves.toEqual({ protocol: 'DTLSv1.2' });
    expect(await ask(session, 'hello')).toBe('hello');
    expect(session.authorized).toBe(true);
    expect(session.authorizationError).toBeUndefined();
    expect(session.cipher.version).toBe('TLSv1.2');
    expect(session.cipher.standardName).toMatch(/^TLS_ECDHE_ECDSA_WITH_/);
    expect(session.peerX509Certificate).toBe(session.peerX509Certificate);
    expect(session.peerCertificate).toContain('BEGIN CERTIFICATE');
  });

  it('is over on both sides when one closes it', async () => {
    const sessions: DTLSSession[] = [];
    const endpoint = serve((session) => void sessions.push(session));
    const client = join(endpoint);
    await client.opened;
    const [served] = sessions;
    await client.close();
    await served?.closed;
    expect(served?.destroyed).toBe(true);
    expect(() => client.send('x')).toThrow('The session is over');
    await client.endpoint.closed;
  });

  it('works with a pre-shared key alone', async () => {
    const endpoint = serveEcho({ psk: { 'device-42': Buffer.from('secret') } });
    const session = join(endpoint, { psk: { identity: 'device-42', key: 'secret' } });
    await session.opened;
    expect(await ask(session, 'hello')).toBe('hello');
    expect(session.authorized).toBe(false);
  });

  it('fails with its timeout when the key is wrong', async () => {
    const endpoint = serveEcho({ psk: { 'device-42': 'other' }, handshakeTimeout: 400 });
    const session = join(endpoint, { psk: { identity: 'device-42', key: 'secret' }, handshakeTimeout: 300 });
    const error = await rejection(session.opened);
    expect(error).toMatchObject({ message: 'DTLS handshake timeout', code: 'ERR_DTLS_HANDSHAKE_TIMEOUT' });
  });

  it('fails with its timeout when nobody answers, although timers fire early by a fraction of a millisecond or two', async () => {
    const silent = createSocket('udp4').bind(0, HOST);
    await once(silent, 'listening');
    const start = async (index: number): Promise<string | undefined> => {
      await setTimeout(index / 3);
      const session = connect(HOST, silent.address().port, { ...clientTrust, handshakeTimeout: 50 });
      return (await rejection(session.opened)).code;
    };
    const codes = await Promise.all(Array.from({ length: 60 }, async (_, index) => start(index)));
    silent.close();
    expect(new Set(codes)).toEqual(new Set(['ERR_DTLS_HANDSHAKE_TIMEOUT']));
  });

  it('knows where both sides are', async () => {
    const endpoint = serveEcho();
    const session = join(endpoint);
    await session.opened;
    expect(session.remoteAddress).toEqual({ address: HOST, family: 'IPv4', port: portOf(endpoint) });
  });
});
