import {
  checkArrayOf,
  checkBoolean,
  checkBytes,
  checkEnum,
  checkInstance,
  checkString,
  checkUint,
} from '../../lib/internal/arguments';
import { SslProtocol } from '../../lib/qssl';

function thrownBy(action: () => unknown): Error & { code?: unknown } {
  try {
    action();
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('nothing was thrown');
}

class Shape {
  readonly sides = 3;
}

describe('the argument checks', () => {
  it.each<[string, () => unknown, string]>([
    ['undefined', () => checkString(undefined, 'name'), 'must be a string. Received undefined'],
    ['null', () => checkString(null, 'name'), 'must be a string. Received null'],
    ['a number', () => checkString(12, 'name'), 'must be a string. Received the number 12'],
    ['a string', () => checkBoolean('secret', 'name'), 'Received a string of 6 characters'],
    ['a bigint', () => checkUint(1n, 'name'), 'must be an integer from 0 to 4294967295. Received a bigint'],
    ['a symbol', () => checkString(Symbol('x'), 'name'), 'must be a string. Received a symbol'],
    ['a function', () => checkString(() => 1, 'name'), 'must be a string. Received a function'],
    ['an object', () => checkString({}, 'name'), 'must be a string. Received an instance of Object'],
    ['one without prototype', () => checkString(Object.create(null), 'name'), 'Received an object'],
    ['an instance', () => checkInstance(new Map(), Shape, 'name'), 'of Shape. Received an instance of Map'],
    ['no bytes', () => checkBytes(5, 'name'), 'a string, a Buffer, an ArrayBufferView or an ArrayBuffer'],
    ['no array', () => checkArrayOf('ab', checkString, 'name'), 'must be an array. Received a string'],
    ['no member', () => checkEnum('DtlsV1_2', SslProtocol, 'name', 'SslProtocol'), 'a value of SslProtocol'],
  ])('answer %s with a TypeError that says so', (_, action, message) => {
    const error = thrownBy(action);
    expect(error).toBeInstanceOf(TypeError);
    expect(error.code).toBe('ERR_INVALID_ARG_TYPE');
    expect(error.message).toContain('The "name" argument must be ');
    expect(error.message).toContain(message);
  });

  it.each<[string, () => unknown]>([
    ['too small', () => checkUint(255, 'mtu', { min: 256 })],
    ['too large', () => checkUint(65536, 'mtu', { max: 65535 })],
    ['negative', () => checkUint(-1, 'mtu')],
    ['broken', () => checkUint(1.5, 'mtu')],
    ['not a number', () => checkUint(NaN, 'mtu')],
    ['infinite', () => checkUint(Infinity, 'mtu')],
    ['no member of its enum', () => checkEnum(99, SslProtocol, 'mtu', 'SslProtocol')],
  ])('answer a number that is %s with a RangeError', (_, action) => {
    const error = thrownBy(action);
    expect(error).toBeInstanceOf(RangeError);
    expect(error.code).toBe('ERR_OUT_OF_RANGE');
    expect(error.message).toMatch(/^The "mtu" argument must be .+\. Received the number /);
  });

  it('never show the text of a string', () => {
    expect(thrownBy(() => checkUint('hunter2', 'name')).message).not.toContain('hunter2');
  });

  it('name the element of an array that is wrong, a hole included', () => {
    expect(thrownBy(() => checkArrayOf(['a', 1], checkString, 'list')).message).toContain('"list[1]"');
    expect(thrownBy(() => checkArrayOf(new Array(1), checkString, 'list')).message).toContain('"list[0]"');
  });

  it('return what is right', () => {
    const shape = new Shape();
    const array = ['a', 'b'];
    expect(checkString('', 'name')).toBe('');
    expect(checkBoolean(false, 'name')).toBe(false);
    expect(checkUint(65535, 'name', { max: 65535 })).toBe(65535);
    expect(checkInstance(shape, Shape, 'name')).toBe(shape);
    expect(checkEnum(-1, SslProtocol, 'name', 'SslProtocol')).toBe(SslProtocol.UnknownProtocol);
    expect(checkArrayOf(array, checkString, 'name')).toEqual(array);
    expect(checkArrayOf(array, checkString, 'name')).not.toBe(array);
  });

  it.each<[string, unknown]>([
    ['a string as UTF-8', 'h\u00e9'],
    ['a Buffer', Buffer.from([0x68, 0xc3, 0xa9])],
    ['a Uint8Array', new Uint8Array([0x68, 0xc3, 0xa9])],
    ['a part of a Uint8Array', new Uint8Array([0, 0x68, 0xc3, 0xa9, 0]).subarray(1, 4)],
    ['a DataView', new DataView(new Uint8Array([0, 0x68, 0xc3, 0xa9]).buffer, 1)],
    ['an Int8Array', new Int8Array([0x68, -61, -87])],
    ['an ArrayBuffer', new Uint8Array([0x68, 0xc3, 0xa9]).buffer],
  ])('take the bytes of %s', (_, value) => {
    expect(Buffer.from(checkBytes(value, 'name')).toString('hex')).toBe('68c3a9');
  });

  it('hand on a Buffer without copying it', () => {
    const buffer = Buffer.from('abc');
    expect(checkBytes(buffer, 'name')).toBe(buffer);
  });
});
