import { clientIdentity, closeEverything, credentials, join, rejection, serve, serveEcho } from '../support/endpoints';
import type { DTLSSession } from '../../lib/endpoint';

afterEach(closeEverything);

/** Milliseconds until a client believes that it was refused: more than a process may stand still between its flights. */
const PATIENCE = 1000;

describe('a refusal that nobody has signed', () => {
  it.each([
    ['an unknown identity', { psk: { 'device-42': 'secret' } }, { psk: { identity: 'device-43', key: 'secret' } }, 'unknown PSK identity'],
    ['no common protocol', { alpn: ['coap'] }, { alpn: ['mqtt'] }, 'no application protocol'],
    ['no common suite', {}, { ciphers: 'ECDHE-RSA-AES128-GCM-SHA256' }, 'handshake failure'],
  ])('is believed when the time is over: %s', async (_, serverOptions, clientOptions, alert) => {
    const session = join(serveEcho(serverOptions), { ...clientOptions, handshakeTimeout: PATIENCE });
    const error = await rejection(session.opened);
    expect(error).toMatchObject({ message: 'DTLS handshake timeout', code: 'ERR_DTLS_HANDSHAKE_TIMEOUT' });
    expect(String(error.cause)).toContain(`an unauthenticated alert said "${alert}"`);
    await expect(session.closed).rejects.toBe(error);
  });
});

describe('a server that asks for certificates', () => {
  const asks = { requestCert: true, ca: credentials.server.rootPem };

  it('refuses a client without one when the handshake is complete, and says goodbye', async () => {
    const errors: Error[] = [];
    const endpoint = serve((session) => {
      session.onerror = (error) => void errors.push(error);
      session.onmessage = () => void errors.push(new Error('it was served'));
    }, asks);
    const session = join(endpoint);
    await session.closed;
    expect(errors).toMatchObject([{ code: 'UNABLE_TO_GET_ISSUER_CERT' }]);
    expect([endpoint.sessions.length, endpoint.stats.handshakeFailureCount]).toEqual([0, 1n]);
  });

  it('serves one with the right certificate, and knows it', async () => {
    const sessions: DTLSSession[] = [];
    const session = join(serve((served) => void sessions.push(served), asks), clientIdentity);
    await session.opened;
    await sessions[0]?.opened;
    expect(sessions[0]).toMatchObject({ authorized: true, authorizationError: undefined });
    expect(sessions[0]?.peerCertificate).toBe(credentials.client.certificatePem);
  });

  it('leaves the decision to the application without rejectUnauthorized', async () => {
    const sessions: DTLSSession[] = [];
    const endpoint = serve((served) => void sessions.push(served), { ...asks, rejectUnauthorized: false });
    await join(endpoint).opened;
    await sessions[0]?.opened;
    expect(sessions[0]).toMatchObject({ authorized: false, authorizationError: 'UNABLE_TO_GET_ISSUER_CERT' });
  });
});

describe('a client', () => {
  it('does not open a session with a server of another name', async () => {
    const session = join(serveEcho(), { servername: 'other.example' });
    await expect(session.opened).rejects.toMatchObject({ code: 'HOSTNAME_MISMATCH' });
    expect(session.authorized).toBe(false);
  });

  it('opens it without rejectUnauthorized, and knows what was wrong', async () => {
    const session = join(serveEcho(), { servername: 'other.example', rejectUnauthorized: false });
    await session.opened;
    expect([session.authorized, session.authorizationError]).toEqual([false, 'HOSTNAME_MISMATCH']);
  });
});
