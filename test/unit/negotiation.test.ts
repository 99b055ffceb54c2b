import { NextProtocolNegotiationStatus, QDtls, QSslConfiguration, SslMode } from '../../lib';
import { thrownBy } from '../support/faulty-socket';
import { Pair, pskConfiguration } from '../support/pair';
import { selfSigned, showing, stages, statusOf, trusting } from '../support/stages';
import { obeyingAlerts } from '../support/unauthenticated-alerts';
import { callWith } from '../support/untyped';

const { NextProtocolNegotiationNone, NextProtocolNegotiationNegotiated, NextProtocolNegotiationUnsupported } =
  NextProtocolNegotiationStatus;

const SRTP_CM = 'SRTP_AES128_CM_SHA1_80';
const SRTP_GCM = 'SRTP_AEAD_AES_128_GCM';
const sides = ['client', 'server'] as const;

function offering(...protocols: readonly string[]): QSslConfiguration {
  return pskConfiguration((own) => own.setAllowedNextProtocols(protocols));
}

function protecting(...profiles: readonly string[]): QSslConfiguration {
  return pskConfiguration((own) => own.setSrtpProfiles(profiles));
}

/** What a side says was agreed. */
function agreed(dtls: QDtls): { protocol: string; status: NextProtocolNegotiationStatus } {
  const settings = dtls.dtlsConfiguration();
  return { protocol: settings.nextNegotiatedProtocol().toString(), status: settings.nextProtocolNegotiationStatus() };
}

/** Name and message of what a call throws. */
function errorOf(call: () => unknown): string {
  return String(thrownBy(call)?.value);
}

const none = { protocol: '', status: NextProtocolNegotiationNone };
const unsupported = { protocol: '', status: NextProtocolNegotiationUnsupported };

describe('setAllowedNextProtocols', () => {
  it.each([
    ['the server prefers', ['a', 'b'], ['b', 'a'], 'b'],
    ['only one side\'s list is longer', ['coap', 'x'], ['coap'], 'coap'],
  ])('agrees on what %s', (_, client, server, protocol) => {
    const pair = new Pair({ client: offering(...client), server: offering(...server) }).run();
    const expected = { protocol, status: NextProtocolNegotiationNegotiated };
    expect([agreed(pair.client), agreed(pair.server)]).toEqual([expected, expected]);
  });

  it('serves a client that offers protocols although the server has none', () => {
    const pair = new Pair({ client: offering('coap') }).run();
    expect([agreed(pair.client), agreed(pair.server)]).toEqual([unsupported, none]);
    expect(statusOf(pair.server)).toEqual({ state: 'HandshakeComplete', error: 'NoError' });
  });

  it('serves a client that offers none although the server has some', () => {
    const pair = new Pair({ server: offering('coap') }).run();
    expect([agreed(pair.client), agreed(pair.server)]).toEqual([none, unsupported]);
  });

  it('makes a server refuse a client that offers other protocols only, and say so', () => {
    const pair = obeyingAlerts(new Pair({ client: offering('a'), server: offering('b') })).run();
    for (const side of sides) {
      expect(statusOf(pair[side])).toEqual({ state: 'HandshakeNotStarted', error: 'TlsFatalError' });
      expect(pair[side].dtlsErrorString()).toContain('no application protocol');
      expect(agreed(pair[side])).toEqual(none);
    }
    expect(pair.server.statistics().alertsSent).toEqual({ 'no application protocol': 1 });
  });

  it('says None before the handshake has ended and after the association has', () => {
    const pair = new Pair({ client: offering('coap'), server: offering('coap') });
    expect(agreed(pair.client)).toEqual(none);
    pair.start();
    expect(agreed(pair.client)).toEqual(none);
    pair.settle();
    expect(agreed(pair.client).protocol).toBe('coap');
    pair.client.shutdown(pair.clientSocket);
    expect(agreed(pair.client)).toEqual(none);
  });

  it('tells what was agreed with a peer whose certificate is in doubt', () => {
    const client = trusting();
    const server = showing(selfSigned());
    for (const settings of [client, server]) settings.setAllowedNextProtocols(['coap']);
    const pair = new Pair({ client, server }).run();
    expect(statusOf(pair.client).state).toBe('PeerVerificationFailed');
    expect(agreed(pair.client).protocol).toBe('coap');
  });

  it('takes bytes, the longest name and an empty list', () => {
    const settings = offering();
    expect(settings.allowedNextProtocols()).toEqual([]);
    const longest = Buffer.alloc(255, 1);
    settings.setAllowedNextProtocols([longest, new Uint8Array([2])]);
    longest.fill(0);
    expect(settings.allowedNextProtocols()).toEqual([Buffer.alloc(255, 1), Buffer.from([2])]);
  });

  it('takes 65535 bytes in all, the lengths of the names included', () => {
    const full = new Array<Buffer>(255).fill(Buffer.alloc(255)).concat(Buffer.alloc(254));
    expect(() => offering().setAllowedNextProtocols(full)).not.toThrow();
    expect(errorOf(() => offering().setAllowedNextProtocols([...full, Buffer.alloc(1)]))).toMatch(/^RangeError: .*"protocols"/);
  });

  it('fails the start of a client whose protocols no hello has room for', () => {
    const full = new Array<Buffer>(255).fill(Buffer.alloc(255)).concat(Buffer.alloc(254));
    const pair = new Pair({ client: pskConfiguration((own) => own.setAllowedNextProtocols(full)) });
    expect(pair.start()).toBe(false);
    expect(statusOf(pair.client)).toEqual({ state: 'HandshakeNotStarted', error: 'TlsFatalError' });
  });

  it.each([
    ['an empty name', ['a', ''], 'RangeError', '"protocols[1]"'],
    ['a name of 256 bytes', ['n'.repeat(256)], 'RangeError', '"protocols[0]"'],
    ['a name of 256 bytes in fewer characters', ['\u{e9}'.repeat(128)], 'RangeError', '"protocols[0]"'],
    ['a number', ['a', 1], 'TypeError', '"protocols[1]"'],
    ['a string', 'coap', 'TypeError', '"protocols"'],
  ])('throws for %s and keeps what it has', (_, protocols, name, message) => {
    const settings = offering('coap');
    expect(errorOf(() => callWith(settings, 'setAllowedNextProtocols', protocols))).toContain(`${name}: The ${message} argument`);
    expect(settings.allowedNextProtocols()).toEqual([Buffer.from('coap')]);
  });
});

describe('a configuration that was read from a QDtls', () => {
  const pair = new Pair({ client: offering('coap'), server: offering('coap') }).run();

  it('hands the agreed protocol on to its copies, and to nobody else', () => {
    const copy = new QSslConfiguration(pair.client.dtlsConfiguration());
    expect(copy.nextNegotiatedProtocol().toString()).toBe('coap');
    copy.nextNegotiatedProtocol().fill(0);
    expect(copy.nextNegotiatedProtocol().toString()).toBe('coap');
    const another = new QDtls(SslMode.SslClientMode);
    another.setDtlsConfiguration(copy);
    expect(agreed(another)).toEqual(none);
  });

  it('equals another with the same agreed protocol only', () => {
    expect(pair.client.dtlsConfiguration().equals(pair.client.dtlsConfiguration())).toBe(true);
    expect(pair.client.dtlsConfiguration().equals(offering('coap'))).toBe(false);
  });
});

describe('setSrtpProfiles', () => {
  it.each([
    ['one in common', [SRTP_CM], [SRTP_CM], SRTP_CM],
    ['the server\'s favourite', [SRTP_CM, SRTP_GCM], [SRTP_GCM, SRTP_CM], SRTP_GCM],
    ['none when they have none in common', [SRTP_CM], [SRTP_GCM], ''],
    ['none when only the client has some', [SRTP_CM], [], ''],
    ['none when only the server has some', [], [SRTP_CM], ''],
  ])('agrees on %s', (_, client, server, profile) => {
    const pair = new Pair({ client: protecting(...client), server: protecting(...server) }).run();
    expect([pair.client.srtpProfile(), pair.server.srtpProfile()]).toEqual([profile, profile]);
    expect(pair.server.isConnectionEncrypted()).toBe(true);
  });

  it('stores a copy', () => {
    const profiles = [SRTP_CM];
    const settings = protecting(...profiles);
    profiles.push(SRTP_GCM);
    settings.srtpProfiles().push(SRTP_GCM);
    expect(settings.srtpProfiles()).toEqual([SRTP_CM]);
    expect(new QSslConfiguration(settings).srtpProfiles()).toEqual([SRTP_CM]);
    expect(pskConfiguration().srtpProfiles()).toEqual([]);
  });

  it.each(sides)('fails the start of a %s over an unknown name, and says which', (side) => {
    const pair = new Pair({ [side]: protecting(SRTP_CM, 'SRTP_ROT13') }).run();
    expect(statusOf(pair[side])).toEqual({ state: 'HandshakeNotStarted', error: 'TlsInitializationError' });
    expect(pair[side].dtlsErrorString()).toContain('"SRTP_ROT13"');
  });

  it.each([
    ['a string', SRTP_CM, '"profiles"'],
    ['a number in the array', [SRTP_CM, 1], '"profiles[1]"'],
  ])('throws a TypeError for %s', (_, profiles, message) => {
    expect(errorOf(() => callWith(protecting(), 'setSrtpProfiles', profiles))).toContain(`TypeError: The ${message} argument`);
  });

  it('tells configurations apart that differ in it, also for the handshake', () => {
    expect(protecting(SRTP_CM).equals(protecting(SRTP_GCM))).toBe(false);
    expect(protecting(SRTP_CM).equals(protecting(SRTP_CM))).toBe(true);
    const first = new Pair({ client: protecting(SRTP_CM), server: protecting(SRTP_CM, SRTP_GCM) }).run();
    const second = new Pair({ client: protecting(SRTP_GCM), server: protecting(SRTP_CM, SRTP_GCM) }).run();
    expect([first.client.srtpProfile(), second.client.srtpProfile()]).toEqual([SRTP_CM, SRTP_GCM]);
  });
});

describe('srtpProfile', () => {
  it('is empty before the handshake has ended and after the association has', () => {
    const pair = new Pair({ client: protecting(SRTP_CM), server: protecting(SRTP_CM) });
    pair.start();
    expect(pair.client.srtpProfile()).toBe('');
    pair.settle();
    expect(pair.client.srtpProfile()).toBe(SRTP_CM);
    pair.client.shutdown(pair.clientSocket);
    expect(pair.client.srtpProfile()).toBe('');
  });
});

describe('exportKeyingMaterial', () => {
  const LABEL = 'EXPERIMENTAL-test';
  const { client, server } = new Pair().run();

  it.each([
    ['without a context', undefined],
    ['with an empty context', ''],
    ['with a context', 'context'],
    ['with the longest context that every OpenSSL takes', Buffer.alloc(958 - LABEL.length)],
  ])('gives both sides the same bytes %s', (_, context) => {
    const keys = client.exportKeyingMaterial(60, LABEL, context);
    expect(keys).toHaveLength(60);
    expect(server.exportKeyingMaterial(60, LABEL, context)).toEqual(keys);
    expect(statusOf(client).error).toBe('NoError');
  });

  it('gives other bytes for another label, another context, no context and another association', () => {
    const another = new Pair().run().client;
    const all = [
      client.exportKeyingMaterial(32, LABEL),
      client.exportKeyingMaterial(32, `${LABEL}2`),
      client.exportKeyingMaterial(32, LABEL, ''),
      client.exportKeyingMaterial(32, LABEL, 'a'),
      client.exportKeyingMaterial(32, LABEL, 'b'),
      another.exportKeyingMaterial(32, LABEL),
    ];
    expect(new Set(all.map((keys) => keys.toString('hex'))).size).toBe(all.length);
  });

  it.each([1, 65_536])('gives %d bytes', (length) => {
    expect(client.exportKeyingMaterial(length, LABEL)).toHaveLength(length);
  });

  it('takes every form of bytes as context', () => {
    const bytes = Buffer.from('context');
    const forms = ['context', bytes, new Uint8Array(bytes), new Uint8Array(bytes).buffer];
    const keys = forms.map((form) => client.exportKeyingMaterial(16, LABEL, form).toString('hex'));
    expect(new Set(keys).size).toBe(1);
  });

  it.each(['key expansion', 'master secret', 'client finished', 'server finished', 'extended master secret'])(
    'refuses the label "%s", which TLS uses itself',
    (label) => {
      expect(client.exportKeyingMaterial(16, label)).toEqual(Buffer.alloc(0));
      expect(statusOf(client)).toEqual({ state: 'HandshakeComplete', error: 'InvalidInputParameters' });
      expect(client.dtlsErrorString()).toContain('illegal exporter label');
    },
  );

  it('takes a context of 65535 bytes, or says that this OpenSSL does not', () => {
    const keys = client.exportKeyingMaterial(16, LABEL, Buffer.alloc(65_535));
    const refused = { length: 0, text: 'keys cannot be exported: label and context are too long for this OpenSSL' };
    expect([{ length: 16, text: '' }, refused]).toContainEqual({ length: keys.length, text: client.dtlsErrorString() });
  });

  it.each(['HandshakeNotStarted', 'HandshakeInProgress', 'PeerVerificationFailed'] as const)(
    'gives nothing, with InvalidOperation, in %s',
    (state) => {
      const { client: early } = stages[state]();
      expect(early.exportKeyingMaterial(16, LABEL)).toEqual(Buffer.alloc(0));
      expect(statusOf(early)).toEqual({ state, error: 'InvalidOperation' });
    },
  );

  it('gives nothing, with InvalidOperation, after the association has ended', () => {
    const pair = new Pair().run();
    pair.client.shutdown(pair.clientSocket);
    expect(pair.client.exportKeyingMaterial(16, LABEL)).toEqual(Buffer.alloc(0));
    expect(statusOf(pair.client)).toEqual({ state: 'HandshakeNotStarted', error: 'InvalidOperation' });
  });

  it.each([
    ['a length of 0', [0, LABEL], 'RangeError', '"length"'],
    ['a length of 65537', [65_537, LABEL], 'RangeError', '"length"'],
    ['a fraction', [1.5, LABEL], 'RangeError', '"length"'],
    ['a length in words', ['16', LABEL], 'TypeError', '"length"'],
    ['a label of bytes', [16, Buffer.from(LABEL)], 'TypeError', '"label"'],
    ['no label', [16], 'TypeError', '"label"'],
    ['a context of null', [16, LABEL, null], 'TypeError', '"context"'],
    ['a context that is a number', [16, LABEL, 1], 'TypeError', '"context"'],
    ['a context of 65536 bytes', [16, LABEL, Buffer.alloc(65_536)], 'RangeError', '"context"'],
  ])('throws for %s, encrypted or not', (_, args, name, message) => {
    for (const dtls of [client, new QDtls(SslMode.SslClientMode)]) {
      expect(errorOf(() => callWith(dtls, 'exportKeyingMaterial', ...args))).toContain(`${name}: The ${message} argument`);
    }
  });
});
