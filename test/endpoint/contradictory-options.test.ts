import { createPrivateKey } from 'node:crypto';
import { createSecureContext } from '../../lib/endpoint';
import { clientIdentity, clientTrust, HOST, serverIdentity } from '../support/endpoints';
import { connectWith, contextWith, listenWith, refusalOf } from '../support/refusals';

const PASSPHRASE = 'correct horse';
const WRONG = 'battery staple';
const encryptedKey = createPrivateKey(serverIdentity.key)
  .export({ type: 'pkcs8', format: 'pem', cipher: 'aes-256-cbc', passphrase: PASSPHRASE })
  .toString();
const serverContext = createSecureContext({ ...serverIdentity, isServer: true });
const clientContext = createSecureContext({ ca: clientTrust.ca });
const psk = { 'device-42': 'secret' };
const none = { cert: undefined, key: undefined };

interface Refusal {
  readonly what: string;
  readonly call: () => unknown;
  readonly name: string;
  readonly code?: string;
  /** Part of what the message says. */
  readonly says?: string;
}

function refuses(cases: readonly Refusal[]): void {
  it.each(cases)('may not have $what', ({ call, name, code = 'ERR_INVALID_ARG_VALUE', says = '' }) => {
    const error = refusalOf(call);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.code).toBe(code);
    expect(error.message).toContain(`The "${name}" argument must be `);
    expect(error.message).toMatch(/\. Received .+$/);
    expect(error.message).toContain(says);
    for (const secret of [PASSPHRASE, WRONG, 'secret', 'BEGIN']) expect(error.message).not.toContain(secret);
  });
}

describe('credentials', () => {
  refuses([
    { what: 'a certificate without a key', call: () => listenWith({ key: undefined }), name: 'options.key' },
    { what: 'a key without a certificate', call: () => listenWith({ cert: undefined }), name: 'options.cert' },
    { what: 'nothing at all on a server', call: () => listenWith(none), name: 'options', says: 'cert and key, psk or sni' },
    { what: 'a certificate that is not PEM', call: () => listenWith({ cert: 'hello' }), name: 'options.cert' },
    { what: 'a key that is not PEM', call: () => listenWith({ key: 'hello' }), name: 'options.key' },
    { what: 'an authority that is not PEM', call: () => connectWith({ ca: [clientTrust.ca, 'x'] }), name: 'options.ca[1]' },
    { what: 'an authority of a wrong type', call: () => connectWith({ ca: [5] }), name: 'options.ca[0]', code: 'ERR_INVALID_ARG_TYPE' },
    { what: 'a key of another certificate', call: () => listenWith({ key: clientIdentity.key }), name: 'options.key' },
    { what: 'a key instead of a certificate', call: () => listenWith({ cert: serverIdentity.key }), name: 'options.cert' },
    { what: 'an encrypted key without passphrase', call: () => listenWith({ key: encryptedKey }), name: 'options.passphrase' },
    {
      what: 'an encrypted key with a wrong passphrase',
      call: () => listenWith({ key: encryptedKey, passphrase: WRONG }),
      name: 'options.key',
      says: 'which options.passphrase opens',
    },
    { what: 'a client certificate without a key', call: () => connectWith({ cert: clientIdentity.cert }), name: 'options.key' },
  ]);

  it('may have an encrypted key with its passphrase, and a passphrase that is not needed', () => {
    expect(createSecureContext({ ...serverIdentity, key: encryptedKey, passphrase: PASSPHRASE, isServer: true }).isServer).toBe(true);
    expect(createSecureContext({ ...serverIdentity, passphrase: WRONG, isServer: true }).isServer).toBe(true);
  });
});

describe('a context', () => {
  refuses([
    { what: 'the side of a client on a server', call: () => listenWith({ ...none, secureContext: clientContext }), name: 'options.secureContext' },
    { what: 'the side of a server on a client', call: () => connectWith({ ca: undefined, secureContext: serverContext }), name: 'options.secureContext' },
    {
      what: 'credentials beside it',
      call: () => listenWith({ key: undefined, secureContext: serverContext }),
      name: 'options.cert',
      says: 'the secureContext carries it',
    },
    { what: 'trust beside it', call: () => connectWith({ secureContext: clientContext }), name: 'options.ca' },
    ...['requestCert', 'sessionIdContext', 'sni', 'pskIdentityHint', 'ticketKeys'].map((option) => ({
      what: `${option} on a client`,
      call: () => contextWith({ isServer: false, [option]: option === 'requestCert' ? false : 'x' }),
      name: `options.${option}`,
      says: 'it is for servers only',
    })),
    { what: 'requestCert in connect()', call: () => connectWith({ requestCert: true }), name: 'options.requestCert' },
    { what: 'isServer in connect()', call: () => connectWith({ isServer: false }), name: 'options.isServer' },
    { what: 'isServer in listen()', call: () => listenWith({ isServer: true }), name: 'options.isServer' },
  ]);
});

describe('negotiation', () => {
  refuses([
    { what: 'an empty protocol name', call: () => listenWith({ alpn: ['coap', ''] }), name: 'options.alpn' },
    { what: 'a protocol name of 256 bytes', call: () => listenWith({ alpn: ['a'.repeat(256)] }), name: 'options.alpn' },
    { what: 'a protocol name that is a number', call: () => listenWith({ alpn: ['coap', 5] }), name: 'options.alpn[1]', code: 'ERR_INVALID_ARG_TYPE' },
    { what: 'protocols as one text', call: () => connectWith({ alpn: 'coap' }), name: 'options.alpn', code: 'ERR_INVALID_ARG_TYPE' },
    { what: 'an empty name in wire form', call: () => connectWith({ alpn: Buffer.from([1, 97, 0]) }), name: 'options.alpn' },
    { what: 'a name longer than the wire form', call: () => connectWith({ alpn: Buffer.from([5, 97]) }), name: 'options.alpn' },
    { what: 'an unknown SRTP profile', call: () => listenWith({ srtp: 'SRTP_AES128_CM_SHA1_80:NOPE' }), name: 'options.srtp', says: 'NOPE' },
    { what: 'no SRTP profile', call: () => connectWith({ srtp: '' }), name: 'options.srtp' },
    { what: 'ciphers that are none', call: () => listenWith({ ciphers: 'NOPE' }), name: 'options.ciphers' },
    { what: 'no ciphers', call: () => connectWith({ ciphers: '' }), name: 'options.ciphers' },
    { what: 'suites of a key that is not there', call: () => listenWith({ ciphers: 'PSK' }), name: 'options.psk' },
    { what: 'an unknown curve', call: () => listenWith({ ecdhCurve: 'P-256:nope' }), name: 'options.ecdhCurve' },
    { what: 'a curve twice', call: () => listenWith({ ecdhCurve: 'P-256:prime256v1' }), name: 'options.ecdhCurve' },
    { what: 'an unknown version', call: () => listenWith({ minVersion: 'DTLSv1.3' }), name: 'options.minVersion', says: "'DTLSv1.2'" },
    { what: 'a newest version before the oldest', call: () => listenWith({ maxVersion: 'DTLSv1' }), name: 'options.maxVersion' },
  ]);

  it('may have a list whose security level lets CCM8 in', () => {
    expect(createSecureContext({ psk, ciphers: 'PSK-AES128-CCM8@SECLEVEL=0', isServer: true }).isServer).toBe(true);
  });
});

describe('pre-shared keys, names and resumption', () => {
  refuses([
    { what: 'a hint without keys', call: () => listenWith({ pskIdentityHint: 'x' }), name: 'options.pskIdentityHint' },
    { what: 'a hint of 257 bytes', call: () => listenWith({ psk, pskIdentityHint: 'x'.repeat(257) }), name: 'options.pskIdentityHint' },
    { what: 'an empty key', call: () => listenWith({ psk: { a: '' } }), name: "options.psk['a']" },
    { what: 'a key that is a number', call: () => listenWith({ psk: { a: 5 } }), name: "options.psk['a']", code: 'ERR_INVALID_ARG_TYPE' },
    { what: 'a list of keys', call: () => listenWith({ psk: ['secret'] }), name: 'options.psk', code: 'ERR_INVALID_ARG_TYPE' },
    { what: 'no identity on a client', call: () => connectWith({ psk: { key: 'secret' } }), name: 'options.psk.identity', code: 'ERR_INVALID_ARG_TYPE' },
    { what: 'no key on a client', call: () => connectWith({ psk: { identity: 'a' } }), name: 'options.psk.key', code: 'ERR_INVALID_ARG_TYPE' },
    { what: 'more than identity and key', call: () => connectWith({ psk: { identity: 'a', key: 'secret', hint: '' } }), name: 'options.psk.hint' },
    { what: 'an identity without a key', call: () => listenWith({ sni: { 'a.example': { cert: serverIdentity.cert } } }), name: "options.sni['a.example'].key" },
    { what: 'a context of a client as identity', call: () => listenWith({ sni: { '*': clientContext } }), name: "options.sni['*']" },
    { what: 'an identity that is no server', call: () => listenWith({ sni: { '*': { isServer: false } } }), name: "options.sni['*'].isServer" },
    { what: 'a list of identities', call: () => listenWith({ sni: [] }), name: 'options.sni', code: 'ERR_INVALID_ARG_TYPE' },
    { what: 'ticket keys of 48 bytes', call: () => listenWith({ ticketKeys: Buffer.alloc(48) }), name: 'options.ticketKeys', says: '80 bytes, not 48' },
    { what: 'ticket keys as text', call: () => listenWith({ ticketKeys: 'x'.repeat(80) }), name: 'options.ticketKeys', code: 'ERR_INVALID_ARG_TYPE' },
    { what: 'no session id context', call: () => listenWith({ sessionIdContext: '' }), name: 'options.sessionIdContext' },
    { what: 'a session id context of 33 bytes', call: () => listenWith({ sessionIdContext: 'x'.repeat(33) }), name: 'options.sessionIdContext' },
    { what: 'a session from elsewhere', call: () => connectWith({ session: Buffer.alloc(100) }), name: 'options.session' },
    { what: 'a decision that nobody asks for', call: () => listenWith({ verifyPeer: () => true }), name: 'options.verifyPeer' },
    { what: 'an empty cookie secret', call: () => listenWith({ cookieSecret: '' }), name: 'options.cookieSecret' },
  ]);
});

describe('addresses and sockets', () => {
  const socket = { send: () => undefined, on: () => undefined, off: () => undefined };

  refuses([
    { what: 'a host that is a name', call: () => listenWith({ host: 'localhost' }), name: 'options.host', says: 'an IPv4 or IPv6 literal' },
    { what: 'a bindHost that is a name', call: () => connectWith({ bindHost: 'localhost' }), name: 'options.bindHost' },
    { what: 'a bindHost of another family', call: () => connectWith({ bindHost: '::1' }), name: 'options.bindHost', says: `of the family of ${HOST}` },
    { what: 'no port', call: () => listenWith({ port: undefined }), name: 'options.port', code: 'ERR_INVALID_ARG_TYPE' },
    { what: 'a server name with NUL', call: () => connectWith({ servername: 'a\0b' }), name: 'options.servername' },
    { what: 'a server name of 256 bytes', call: () => connectWith({ servername: 'a'.repeat(256) }), name: 'options.servername' },
    { what: 'a socket that cannot be heard', call: () => listenWith({ socket: { send: () => undefined } }), name: 'options.socket', code: 'ERR_INVALID_ARG_TYPE' },
    ...['port', 'ipv6Only', 'reusePort', 'udpReceiveBufferSize', 'udpSendBufferSize', 'udpTTL'].map((option) => ({
      what: `a socket of its own and ${option}`,
      call: () => listenWith({ host: undefined, port: undefined, socket, [option]: 1 }),
      name: `options.${option}`,
      says: 'options.socket is yours to set up',
    })),
    ...['bindHost', 'bindPort', 'udpTTL'].map((option) => ({
      what: `a client's socket of its own and ${option}`,
      call: () => connectWith({ socket, [option]: 1 }),
      name: `options.${option}`,
    })),
  ]);
});
