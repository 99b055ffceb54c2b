import { OptionReader } from '../../lib/endpoint/option-reader';
import { thrownBy } from '../support/refusals';

const readings: readonly [string, unknown, (options: OptionReader) => unknown, unknown][] = [
  ['a boolean', false, (options) => options.boolean('x', true), false],
  ['an absent boolean', undefined, (options) => options.boolean('x', true), true],
  ['a text', '', (options) => options.string('x'), ''],
  ['an absent text', undefined, (options) => options.string('x'), null],
  ['the least integer', 1, (options) => options.integer('x', { min: 1, max: 2 }), 1],
  ['the greatest integer', 2, (options) => options.integer('x', { min: 1, max: 2 }), 2],
  ['an absent integer', undefined, (options) => options.integer('x', { min: 1, max: 2 }), null],
  ['no limit', 0, (options) => options.count('x', 5), 0],
  ['an absent count', undefined, (options) => options.count('x', 5), 5],
  ['one of several', 'b', (options) => options.oneOf('x', ['a', 'b']), 'b'],
  ['the bytes of a text', '\u00e9', (options) => options.bytes('x')?.toString('hex'), 'c3a9'],
  ['what a view covers', Buffer.from('abcd').subarray(1, 3), (options) => options.bytes('x')?.toString(), 'bc'],
  ['a view', new Uint16Array([0x6161]), (options) => options.view('x')?.toString(), 'aa'],
  ['one of many', 'a', (options) => options.manyBytes('x')?.map(String), ['a']],
  ['many', ['a', Buffer.from('b')], (options) => options.manyBytes('x')?.map(String), ['a', 'b']],
  ['none of many', [], (options) => options.manyBytes('x'), []],
  ['an absent function', undefined, (options) => options.callable('x'), null],
  ['what is within', { y: 1 }, (options) => options.nested('x')?.take('y'), 1],
];

const refusals: readonly [string, unknown, (options: OptionReader) => unknown, string, string][] = [
  ['a text for a boolean', 'true', (options) => options.boolean('x', true), 'ERR_INVALID_ARG_TYPE', 'a boolean'],
  ['null for a boolean', null, (options) => options.boolean('x', true), 'ERR_INVALID_ARG_TYPE', 'a boolean'],
  ['a number for a text', 5, (options) => options.string('x'), 'ERR_INVALID_ARG_TYPE', 'a string'],
  ['a text for a number', '5', (options) => options.count('x', 1), 'ERR_INVALID_ARG_TYPE', 'an integer from 0 to 2147483647'],
  ['a bigint for a number', 5n, (options) => options.count('x', 1), 'ERR_INVALID_ARG_TYPE', 'an integer'],
  ['a number below', 0, (options) => options.integer('x', { min: 1, max: 2 }), 'ERR_OUT_OF_RANGE', 'an integer from 1 to 2'],
  ['a number above', 3, (options) => options.integer('x', { min: 1, max: 2 }), 'ERR_OUT_OF_RANGE', 'an integer from 1 to 2'],
  ['half a number', 1.5, (options) => options.integer('x', { min: 1, max: 2 }), 'ERR_OUT_OF_RANGE', 'an integer from 1 to 2'],
  ['another text', 'c', (options) => options.oneOf('x', ['a', 'b']), 'ERR_INVALID_ARG_VALUE', "'a' or 'b'"],
  ['a number for one of several', 1, (options) => options.oneOf('x', ['a']), 'ERR_INVALID_ARG_TYPE', "'a'"],
  ['a number for bytes', 5, (options) => options.bytes('x'), 'ERR_INVALID_ARG_TYPE', 'a string, a Buffer'],
  ['a text for a view', 'abc', (options) => options.view('x'), 'ERR_INVALID_ARG_TYPE', 'a Buffer, a TypedArray'],
  ['an ArrayBuffer', new ArrayBuffer(1), (options) => options.view('x'), 'ERR_INVALID_ARG_TYPE', 'a Buffer'],
  ['an object for a function', {}, (options) => options.callable('x'), 'ERR_INVALID_ARG_TYPE', 'a function'],
  ['a list for an object', [], (options) => options.nested('x'), 'ERR_INVALID_ARG_TYPE', 'an object'],
];

describe('OptionReader', () => {
  it.each(readings)('reads %s', (_, x, read, expected) => {
    const options = new OptionReader({ x });
    expect(read(options)).toEqual(expected);
    expect(() => options.finish()).not.toThrow();
  });

  it.each(refusals)('refuses %s, by name', (_, x, read, code, expectation) => {
    const error = thrownBy(() => read(new OptionReader({ x }, 'settings')));
    expect(error.code).toBe(code);
    expect(error.message).toContain(`The "settings.x" argument must be ${expectation}`);
  });

  it('names the element of a list, and what is within an option', () => {
    expect(thrownBy(() => new OptionReader({ ca: ['a', 5] }).manyBytes('ca')).message).toContain('"options.ca[1]"');
    const within = new OptionReader({ outer: { inner: 5 } }).nested('outer');
    expect(thrownBy(() => within?.string('inner')).message).toContain('"options.outer.inner"');
  });

  it('ends with a complaint about what nobody asked for, unless it is undefined', () => {
    const options = new OptionReader({ known: 1, absent: undefined, stray: 2 });
    options.take('known');
    expect(thrownBy(() => options.finish())).toMatchObject({
      code: 'ERR_INVALID_ARG_VALUE',
      message: 'The "options.stray" argument must be absent: there is no such option here. Received the number 2',
    });
    expect([options.has('known'), options.has('absent')]).toEqual([true, false]);
  });
});
