import {
  DTLSEndpoint,
  DTLSEndpointStats,
  DTLSSecureContext,
  DTLSSession,
  DTLSSessionStats,
} from '../../lib/endpoint';
import { closeEverything, HOST, join, portOf, serveEcho } from '../support/endpoints';
import { thrownBy } from '../support/refusals';
import { callWith, constructWith } from '../support/untyped';

afterAll(closeEverything);

const TYPE = 'ERR_INVALID_ARG_TYPE';
const VALUE = 'ERR_INVALID_ARG_VALUE';
const RANGE = 'ERR_OUT_OF_RANGE';

async function openSession(): Promise<DTLSSession> {
  const session = join(serveEcho());
  await session.opened;
  return session;
}

function expectRefusal(call: () => unknown, name: string, code: string): void {
  const error = thrownBy(call);
  expect(error.code).toBe(code);
  expect(error.message).toMatch(new RegExp(`^The "${name}" argument must be .+\\. Received .+$`));
}

describe('an open session', () => {
  let session: DTLSSession;

  beforeAll(async () => {
    session = await openSession();
  });

  it.each<[string, string, readonly unknown[], string, string]>([
    ['a message that is a number', 'send', [5], 'data', TYPE],
    ['a message that is an object', 'send', [{ length: 1 }], 'data', TYPE],
    ['no message', 'send', [], 'data', TYPE],
    ['an ArrayBuffer', 'send', [new ArrayBuffer(1)], 'data', TYPE],
    ['16385 bytes', 'send', [Buffer.alloc(16_385)], 'data', RANGE],
    ['a text of 16385 bytes', 'send', [`${'\u00e9'.repeat(8192)}x`], 'data', RANGE],
    ['a reason that is no Error', 'destroy', ['because'], 'error', TYPE],
    ['a moved peer without address', 'rebind', [undefined, 4433], 'address', TYPE],
    ['a moved peer with a name', 'rebind', ['localhost', 4433], 'address', VALUE],
    ['a moved peer with a port as text', 'rebind', [HOST, '4433'], 'port', TYPE],
    ['a moved peer at port 0', 'rebind', [HOST, 0], 'port', RANGE],
    ['a moved peer at port 65536', 'rebind', [HOST, 65_536], 'port', RANGE],
    ['keying material of no length', 'exportKeyingMaterial', [0, 'EXTRACTOR-dtls_srtp'], 'length', RANGE],
    ['keying material of 65537 bytes', 'exportKeyingMaterial', [65_537, 'EXTRACTOR-dtls_srtp'], 'length', RANGE],
    ['keying material of a length as text', 'exportKeyingMaterial', ['60', 'EXTRACTOR-dtls_srtp'], 'length', TYPE],
    ['keying material without label', 'exportKeyingMaterial', [60], 'label', TYPE],
    ['keying material with a number as context', 'exportKeyingMaterial', [60, 'EXTRACTOR-dtls_srtp', 5], 'context', TYPE],
  ])('refuses %s', (_, method, values, name, code) => {
    expectRefusal(() => callWith(session, method, ...values), name, code);
    expect(session.destroyed).toBe(false);
  });

  it.each(['onmessage', 'onerror', 'onhandshake', 'onkeylog'])('takes a function, undefined or null for %s, and nothing else', (name) => {
    const listener = (): void => undefined;
    for (const [value, kept] of [[listener, listener], [undefined, undefined], [listener, listener], [null, undefined]]) {
      Reflect.set(session, name, value);
      expect(Reflect.get(session, name)).toBe(kept);
    }
    expectRefusal(() => Reflect.set(session, name, 'text'), name, TYPE);
  });

  it.each<[unknown, string]>([['1200', TYPE], [undefined, TYPE], [255, RANGE], [65_536, RANGE], [1200.5, RANGE]])(
    'refuses the mtu %p',
    (mtu, code) => {
      expectRefusal(() => Reflect.set(session, 'mtu', mtu), 'mtu', code);
      expect(session.mtu).toBe(1200);
    },
  );

  it('sends what a view covers, in each form, up to 16384 bytes', () => {
    const bytes = Buffer.from('..hello..');
    expect(session.send(bytes.subarray(2, 7))).toBe(5);
    expect(session.send(new DataView(bytes.buffer, bytes.byteOffset + 2, 5))).toBe(5);
    expect(session.send(new Uint16Array(3))).toBe(6);
    expect(session.send('\u00e9')).toBe(2);
    expect(session.send(Buffer.alloc(16_384))).toBe(16_384);
  });
});

describe('a session that is not open', () => {
  it('does not send, export or move', async () => {
    const session = join(serveEcho());
    const send = (): unknown => session.send('x');
    const exported = (): unknown => session.exportKeyingMaterial(60, 'EXTRACTOR-dtls_srtp');
    for (const call of [send, exported]) {
      expect(thrownBy(call)).toMatchObject({ code: 'ERR_INVALID_STATE', message: 'The handshake is not complete' });
    }
    expect(thrownBy(() => callWith(session, 'send', 5)).code).toBe(TYPE);
    await session.opened;
    await session.close();
    for (const call of [send, exported, () => session.rebind(HOST, 4433)]) {
      expect(thrownBy(call)).toMatchObject({ code: 'ERR_INVALID_STATE', message: 'The session is over' });
    }
  });

  it('rejects opened when it is closed or destroyed before', async () => {
    const endpoint = serveEcho();
    const closed = join(endpoint);
    void closed.close();
    await expect(closed.opened).rejects.toMatchObject({ code: 'ERR_INVALID_STATE' });
    const reason = new Error('enough');
    const destroyed = join(endpoint);
    destroyed.destroy(reason);
    await expect(destroyed.opened).rejects.toBe(reason);
    await expect(destroyed.closed).rejects.toBe(reason);
  });
});

describe('an endpoint', () => {
  it.each<[string, (endpoint: DTLSEndpoint) => unknown, string]>([
    ['busy', (endpoint) => Reflect.set(endpoint, 'busy', 1), TYPE],
    ['ondatagram', (endpoint) => Reflect.set(endpoint, 'ondatagram', 'text'), TYPE],
    ['error', (endpoint) => callWith(endpoint, 'destroy', 'because'), TYPE],
    ['secret', (endpoint) => callWith(endpoint, 'rotateCookieSecret', 5), TYPE],
  ])('refuses a wrong %s and goes on', (name, call, code) => {
    const endpoint = serveEcho();
    expectRefusal(() => call(endpoint), name, code);
    expect(portOf(endpoint)).toBeGreaterThan(0);
  });

  it('of a client has no cookies', () => {
    const { endpoint } = join(serveEcho());
    expect(thrownBy(() => endpoint.rotateCookieSecret())).toMatchObject({ code: 'ERR_INVALID_STATE' });
  });
});

describe('the classes', () => {
  it.each([
    ['DTLSEndpoint', DTLSEndpoint],
    ['DTLSSession', DTLSSession],
    ['DTLSSecureContext', DTLSSecureContext],
    ['DTLSEndpointStats', DTLSEndpointStats],
    ['DTLSSessionStats', DTLSSessionStats],
  ])('leave making a %s to this module', (_, subject) => {
    for (const values of [[], [Symbol('x'), {}], [{}]]) {
      expect(thrownBy(() => constructWith(subject, ...values))).toMatchObject({
        name: 'TypeError',
        code: 'ERR_ILLEGAL_CONSTRUCTOR',
        message: 'Illegal constructor',
      });
    }
  });

  it('know the statistics by the name that node:dtls has for them', () => {
    const { endpoint } = join(serveEcho());
    expect(endpoint.stats).toBeInstanceOf(DTLSEndpoint.Stats);
    expect(endpoint.sessions[0]?.stats).toBeInstanceOf(DTLSSession.Stats);
  });
});
