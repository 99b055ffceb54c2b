import { readFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { DTLSSession, VerifyPeer } from '../../lib/endpoint';
import { clientIdentity, closeEverything, credentials, join, rejection, serve } from '../support/endpoints';

afterEach(closeEverything);

/** A session on both sides, when it is open. */
async function bothOf(
  server: Parameters<typeof serve>[1],
  client: Parameters<typeof join>[1],
): Promise<readonly [served: DTLSSession, session: DTLSSession]> {
  let tell: (session: DTLSSession) => void = () => undefined;
  const served = new Promise<DTLSSession>((resolve) => (tell = resolve));
  const endpoint = serve((session) => (session.onhandshake = () => tell(session)), server);
  const session = join(endpoint, client);
  await session.opened;
  return [await served, session];
}

describe('two sides', () => {
  it('agree on an application protocol in the order of the server', async () => {
    const both = await bothOf({ alpn: ['coap', 'h1'] }, { alpn: Buffer.from('\x02h1\x04coap') });
    expect(both.map(({ alpnProtocol }) => alpnProtocol)).toEqual(['coap', 'coap']);
  });

  it('do without one when the server has none', async () => {
    const both = await bothOf({}, { alpn: ['coap'] });
    expect(both.map(({ alpnProtocol }) => alpnProtocol)).toEqual([undefined, undefined]);
  });

  it('agree on an SRTP profile and on its keys', async () => {
    const srtp = 'SRTP_AES128_CM_SHA1_80:SRTP_AEAD_AES_128_GCM';
    const both = await bothOf({ srtp }, { srtp: 'SRTP_AEAD_AES_128_GCM' });
    expect(both.map(({ srtpProfile }) => srtpProfile)).toEqual(['SRTP_AEAD_AES_128_GCM', 'SRTP_AEAD_AES_128_GCM']);
    const [ours, theirs] = both.map((session) => session.exportKeyingMaterial(60, 'EXTRACTOR-dtls_srtp'));
    expect(ours).toHaveLength(60);
    expect(ours).toEqual(theirs);
    expect(both[0].exportKeyingMaterial(60, 'EXTRACTOR-dtls_srtp', Buffer.alloc(0))).not.toEqual(ours);
  });

  it('log the same secret, to listeners and into a file', async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'qdtls-'));
    const keyLogFile = path.join(folder, 'keys');
    const lines: string[] = [];
    const endpoint = serve((session) => (session.onkeylog = (line) => void lines.push(line)));
    const session = join(endpoint, { keyLogFile });
    session.on('keylog', (line) => lines.push(line));
    await session.opened;
    expect(lines).toEqual([expect.stringMatching(/^CLIENT_RANDOM /), lines[0]]);
    expect(readFileSync(keyLogFile, 'utf8')).toBe(`${lines[0] ?? ''}\n`);
    rmSync(folder, { recursive: true });
  });

  it('know each other by certificates when the server asks for one', async () => {
    const [served, session] = await bothOf({ requestCert: true, ca: credentials.client.rootPem }, clientIdentity);
    expect([served.authorized, session.authorized]).toEqual([true, true]);
    expect(served.peerX509Chain.length).toBeGreaterThan(0);
  });
});

describe('a server that asks for certificates', () => {
  const ca = credentials.client.rootPem;

  it('refuses who has none', async () => {
    const failed = new Promise<Error>((resolve) => {
      join(serve((session) => (session.onerror = resolve), { requestCert: true, ca }));
    });
    expect(await failed).toMatchObject({ code: 'UNABLE_TO_GET_ISSUER_CERT' });
  });

  it('lets in who has none, and says so, when it does not reject', async () => {
    const [served] = await bothOf({ requestCert: true, ca, rejectUnauthorized: false }, {});
    expect([served.authorized, served.authorizationError]).toEqual([false, 'UNABLE_TO_GET_ISSUER_CERT']);
  });
});

describe('a client', () => {
  it('refuses a server whose certificate is for another name', async () => {
    const session = join(serve(() => undefined), { servername: 'other.example' });
    expect(await rejection(session.opened)).toMatchObject({ code: 'HOSTNAME_MISMATCH' });
    expect(session.authorizationError).toBe('HOSTNAME_MISMATCH');
    await expect(session.closed).rejects.toThrow('not for this host name');
  });

  it('accepts it when it does not reject, and says so', async () => {
    const [, session] = await bothOf({}, { servername: 'other.example', rejectUnauthorized: false });
    expect([session.authorized, session.authorizationError]).toEqual([false, 'HOSTNAME_MISMATCH']);
  });

  it('leaves the decision to verifyPeer', async () => {
    const seen: unknown[] = [];
    const verifyPeer: VerifyPeer = (certificate, errors) => {
      seen.push(certificate?.subjectAltName, errors.length);
      return Promise.resolve(true);
    };
    const [, session] = await bothOf({}, { servername: 'other.example', verifyPeer });
    expect(seen).toEqual([expect.stringContaining('localhost'), 1]);
    expect(session.authorized).toBe(false);
  });

  it('refuses whom verifyPeer refuses although nothing is wrong', async () => {
    const session = join(serve(() => undefined), { verifyPeer: () => false });
    expect(await rejection(session.opened)).toMatchObject({ code: 'CERT_REJECTED' });
  });

  it('hands verifyPeer a list of its own, whatever it does with it', async () => {
    const endpoint = serve(() => undefined);
    const verifyPeer: VerifyPeer = (_certificate, errors) => {
      Reflect.apply(Array.prototype.push, errors, ['revoked']);
      return true;
    };
    await join(endpoint, { verifyPeer }).opened;
    const session = join(endpoint);
    await session.opened;
    expect(session.authorized).toBe(true);
  });

  it('fails with what verifyPeer throws', async () => {
    const session = join(serve(() => undefined), { verifyPeer: () => Promise.reject(new Error('no database')) });
    await expect(session.opened).rejects.toThrow('no database');
  });
});
