import { setTimeout } from 'node:timers/promises';
import { createSecureContext, type DTLSSession } from '../../lib/endpoint';
import { makeAuthority, makeServerCertificate } from '../support/certificates';
import { closeEverything, join, rejection, serve, serverIdentity } from '../support/endpoints';

afterEach(closeEverything);

const root = makeAuthority({ key: 'ec-p256' });
const identityOf = (name: string): { cert: string; key: string } => {
  const { chainPem, keyPem } = makeServerCertificate(root, { key: 'ec-p256', dnsNames: [name] });
  return { cert: chainPem, key: keyPem };
};
const one = identityOf('one.example');
const two = identityOf('two.example');
const trust = { ca: root.rootPem };
const nobody = (): void => undefined;

describe('sni', () => {
  const maps = {
    options: { 'one.example': one, 'two.example': two },
    contexts: {
      'ONE.example': createSecureContext({ isServer: true, ...one }),
      'two.example': createSecureContext({ isServer: true, ...two }),
    },
  };

  it.each(Object.entries(maps))('serves each name of a map of %s with its own certificate', async (_, sni) => {
    const served: DTLSSession[] = [];
    const endpoint = serve((session) => served.push(session), { sni });
    for (const servername of ['one.example', 'two.example']) {
      const session = join(endpoint, { ...trust, servername });
      await session.opened;
      expect(session.authorized).toBe(true);
      expect(session.servername).toBe(servername);
      expect(session.peerX509Certificate?.subjectAltName).toContain(servername);
    }
    expect(served.map(({ servername }) => servername)).toEqual(['one.example', 'two.example']);
  });

  it('refuses other names when there is no "*", and tells the session why', async () => {
    const errors: Error[] = [];
    const endpoint = serve((session) => (session.onerror = (error) => void errors.push(error)), { sni: maps.options });
    const session = join(endpoint, { ...trust, servername: 'other.example', handshakeTimeout: 1000 });
    expect(String((await rejection(session.opened)).cause)).toContain('unrecognized name');
    expect(errors).toEqual([expect.objectContaining({ code: 'ERR_DTLS_HANDSHAKE_FAILED' })]);
  });

  it('ends the handshake at once for a client that believes alerts', async () => {
    const session = join(serve(nobody, { sni: maps.options }), { ...trust, servername: 'other.example', obeyAlerts: true });
    expect(await rejection(session.opened)).toMatchObject({ code: 'ERR_DTLS_HANDSHAKE_FAILED' });
  });

  it('serves other names, and none, with "*"', async () => {
    const endpoint = serve(nobody, { sni: { ...maps.options, '*': serverIdentity } });
    for (const servername of ['other.example', '']) {
      const session = join(endpoint, { servername, rejectUnauthorized: false });
      await session.opened;
      expect(session.peerX509Certificate?.subjectAltName).toContain('localhost');
      expect(session.servername).toBe(servername === '' ? undefined : servername);
    }
  });

  it('waits for a function that needs time', async () => {
    const asked: (string | undefined)[] = [];
    const sni = async (name: string | undefined): Promise<typeof one> => {
      asked.push(name);
      await setTimeout(50);
      return two;
    };
    const session = join(serve(nobody, { sni }), { ...trust, servername: 'two.example' });
    await session.opened;
    expect([asked, session.authorized]).toEqual([['two.example'], true]);
  });

  it.each([
    ['throws', () => { throw new Error('no database'); }],
    ['rejects', () => Promise.reject(new Error('no database'))],
  ])('fails the handshake with what a function %s', async (_, sni) => {
    const failed = new Promise<Error>((resolve) => {
      const endpoint = serve((session) => (session.onerror = resolve), { sni });
      join(endpoint, { ...trust, servername: 'one.example' });
    });
    expect((await failed).message).toBe('no database');
  });
});
