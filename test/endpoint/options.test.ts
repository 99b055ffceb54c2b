import { connect, listen } from '../../lib/endpoint';
import { propertiesOf } from '../support/endpoint-types';
import { HOST, serverIdentity } from '../support/endpoints';
import { connectWith, contextWith, listenWith, refusalOf } from '../support/refusals';
import { callWith } from '../support/untyped';

const calls = [
  ['listen', 'ListenOptions', listenWith],
  ['connect', 'ConnectOptions', connectWith],
  ['createSecureContext', 'SecureContextOptions', contextWith],
] as const;

describe.each(calls)('%s()', (_name, type, call) => {
  it.each(propertiesOf(type))('refuses a %s of a wrong type', (option) => {
    for (const [value, received] of [[Symbol('wrong'), 'a symbol'], [null, 'null']] as const) {
      const error = refusalOf(() => call({ [option]: value }));
      expect(error).toBeInstanceOf(TypeError);
      expect(error.code).toBe('ERR_INVALID_ARG_TYPE');
      expect(error.message).toMatch(new RegExp(`^The "options\\.${option}(\\[0\\])?" argument must be .+\\. Received ${received}$`));
    }
  });

  it('refuses an option that it does not know', () => {
    const error = refusalOf(() => call({ rejectUnauthorised: false }));
    expect(error.code).toBe('ERR_INVALID_ARG_VALUE');
    expect(error.message).toContain('"options.rejectUnauthorised" argument must be absent');
  });
});

describe('a number out of its range', () => {
  const shared: readonly [string, readonly number[]][] = [
    ['mtu', [255, 65536, 1200.5, NaN]],
    ['handshakeTimeout', [-1, 2 ** 31, 0.5]],
    ['idleTimeout', [-1, 2 ** 31]],
    ['udpTTL', [0, 256]],
    ['udpReceiveBufferSize', [0, 2 ** 31]],
    ['udpSendBufferSize', [0, 2 ** 31]],
  ];

  it.each([...shared, ['port', [-1, 65536]], ['maxSessions', [-1, 1.5]], ['maxSessionsPerHost', [-1, Infinity]]] as const)(
    'is refused by listen(): %s',
    (option, values) => {
      for (const value of values) {
        const error = refusalOf(() => listenWith({ [option]: value }));
        expect(error).toBeInstanceOf(RangeError);
        expect(error.code).toBe('ERR_OUT_OF_RANGE');
        expect(error.message).toMatch(`The "options.${option}" argument must be an integer from `);
        expect(error.message).toMatch(`Received the number ${value}`);
      }
    },
  );

  it.each([...shared, ['bindPort', [-1, 65536]]] as const)('is refused by connect(): %s', (option, values) => {
    for (const value of values) {
      expect(refusalOf(() => connectWith({ [option]: value }))).toMatchObject({ name: 'RangeError', code: 'ERR_OUT_OF_RANGE' });
    }
  });

  it.each([
    [{ initial: 19 }, 'initial'],
    [{ initial: 60_001 }, 'initial'],
    [{ maximum: 60_001 }, 'maximum'],
    [{ initial: 2000, maximum: 1999 }, 'maximum'],
  ])('is refused within retransmission: %j', (retransmission, name) => {
    const error = refusalOf(() => listenWith({ retransmission }));
    expect(error.code).toBe('ERR_OUT_OF_RANGE');
    expect(error.message).toContain(`"options.retransmission.${name}"`);
  });
});

describe('what is no set of options', () => {
  it.each([[null], [[]], ['text'], [5]])('is refused: %j', (options) => {
    for (const call of [
      () => callWith({ listen }, 'listen', () => undefined, options),
      () => callWith({ connect }, 'connect', HOST, 4433, options),
    ]) {
      const error = refusalOf(call);
      expect(error.code).toBe('ERR_INVALID_ARG_TYPE');
      expect(error.message).toContain('The "options" argument must be an object. Received ');
    }
  });

  it('is refused when listen() gets none at all, or no callback', () => {
    expect(refusalOf(() => callWith({ listen }, 'listen', () => undefined)).code).toBe('ERR_INVALID_ARG_TYPE');
    const swapped = refusalOf(() => callWith({ listen }, 'listen', { ...serverIdentity, port: 0 }, () => undefined));
    expect(swapped.message).toBe('The "callback" argument must be a function. Received an instance of Object');
  });
});

describe('the target of connect()', () => {
  it.each<[string, unknown, unknown, string, string]>([
    ['no text', 5, 4433, 'host', 'ERR_INVALID_ARG_TYPE'],
    ['an empty text', '', 4433, 'host', 'ERR_INVALID_ARG_VALUE'],
    ['a name that is too long', 'a'.repeat(256), 4433, 'host', 'ERR_INVALID_ARG_VALUE'],
    ['a port as text', HOST, '4433', 'port', 'ERR_INVALID_ARG_TYPE'],
    ['port 0', HOST, 0, 'port', 'ERR_OUT_OF_RANGE'],
    ['port 65536', HOST, 65536, 'port', 'ERR_OUT_OF_RANGE'],
    ['a broken port', HOST, 1.5, 'port', 'ERR_OUT_OF_RANGE'],
  ])('may not be %s', (_, host, port, name, code) => {
    const error = refusalOf(() => connectWith({ servername: undefined }, host, port));
    expect(error.code).toBe(code);
    expect(error.message).toContain(`The "${name}" argument must be `);
  });
});
