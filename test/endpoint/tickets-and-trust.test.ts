import { randomBytes } from 'node:crypto';
import { createSecureContext, type DTLSEndpoint, type DTLSSession } from '../../lib/endpoint';
import { makeAuthority, makeClientCertificate } from '../support/certificates';
import { closeEverything, credentials, join, rejection, serve, serveEcho, serverIdentity, ticketOf } from '../support/endpoints';

afterEach(closeEverything);

const psk = { identity: 'me', key: 'secret' };
const nobody = (): void => undefined;

const ticketFrom = (endpoint: DTLSEndpoint): Promise<Buffer> => ticketOf(join(endpoint, { psk }));

describe('a ticket of one endpoint', () => {
  it('does not open another one of equal settings, whose keys are its own', async () => {
    const session = await ticketFrom(serveEcho({ psk: { me: 'secret' } }));
    const other = serveEcho({ psk: { me: 'another secret' } });
    const intruder = join(other, { psk, session, handshakeTimeout: 300 });
    expect(await rejection(intruder.opened)).toMatchObject({ code: 'ERR_DTLS_HANDSHAKE_TIMEOUT' });
    expect(intruder.reused).toBe(false);
  });

  it('does not open one without keys, also when they share the keys of tickets', async () => {
    const shared = { ticketKeys: randomBytes(80), ciphers: 'PSK-AES128-GCM-SHA256:ECDHE-ECDSA-AES128-GCM-SHA256' };
    const session = await ticketFrom(serveEcho({ ...shared, ...serverIdentity, psk: { me: 'secret' } }));
    const served: DTLSSession[] = [];
    const verifyPeer = (): boolean => false;
    const other = serve((each) => served.push(each), { ...shared, requestCert: true, ca: credentials.client.rootPem, verifyPeer });
    const intruder = join(other, { psk, session, handshakeTimeout: 300 });
    await rejection(intruder.opened);
    expect(served.map(({ reused }) => reused)).toEqual(served.map(() => false));
  });

  it('opens none where sessions are not resumed', async () => {
    const endpoint = serveEcho({ psk: { me: 'secret' }, resumption: false });
    const session = join(endpoint, { psk });
    await session.opened;
    expect(session.session).toBeUndefined();
  });
});

describe('an identity that says nothing of it', () => {
  const otherRoot = makeAuthority({ key: 'ec-p256' });
  const stranger = makeClientCertificate(otherRoot, { key: 'ec-p256' });
  const strangerIdentity = { cert: stranger.chainPem, key: stranger.keyPem };

  it.each([
    ['options', serverIdentity],
    ['a context', createSecureContext({ isServer: true, ...serverIdentity })],
  ])('believes whom its endpoint believes, given as %s', async (_, identity) => {
    const served: DTLSSession[] = [];
    const options = { requestCert: true, rejectUnauthorized: false, ca: credentials.client.rootPem, sni: { '*': identity } };
    const endpoint = serve((session) => served.push(session), options);
    await join(endpoint, strangerIdentity).opened;
    await join(endpoint, { cert: credentials.client.chainPem, key: credentials.client.keyPem }).opened;
    expect(served.map(({ authorized }) => authorized)).toEqual([false, true]);
  });

  it('has the suites, SRTP profiles and protocols of its endpoint', async () => {
    const endpoint = serveEcho({
      ...{ psk: { me: 'secret' }, srtp: 'SRTP_AEAD_AES_128_GCM', alpn: ['coap'], sni: { '*': serverIdentity } },
    });
    const byKey = join(endpoint, { psk, srtp: 'SRTP_AEAD_AES_128_GCM', alpn: ['coap'] });
    await byKey.opened;
    expect([byKey.srtpProfile, byKey.alpnProtocol]).toEqual(['SRTP_AEAD_AES_128_GCM', 'coap']);
    const byCertificate = join(endpoint);
    await byCertificate.opened;
    expect(byCertificate.authorized).toBe(true);
  });
});

describe('exportKeyingMaterial()', () => {
  it('throws rather than give nothing', async () => {
    const session = join(serve(nobody));
    await session.opened;
    expect(() => session.exportKeyingMaterial(32, 'key expansion')).toThrow(/"label" argument must be usable/);
  });
});
