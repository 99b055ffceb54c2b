import { createDiffieHellman, getDiffieHellman } from 'node:crypto';
import { EncodingFormat } from '../../lib/qssl';
import { DiffieHellmanError, QSslDiffieHellmanParameters } from '../../lib/qssldiffiehellmanparameters';
import { integer, sequence } from '../../lib/cli/console/der-writer';
import { callWith } from '../support/untyped';

const { Pem, Der } = EncodingFormat;
const { NoError, InvalidInputDataError, UnsafeParametersError } = DiffieHellmanError;

function encode(prime: string, generator: string): Buffer {
  return sequence(integer(prime), integer(generator));
}

const modp14 = getDiffieHellman('modp14').getPrime('hex');
const modp2 = getDiffieHellman('modp2').getPrime('hex');
const modp1 = getDiffieHellman('modp1').getPrime('hex');

function toPem(der: Buffer, label = 'DH PARAMETERS'): string {
  return `-----BEGIN ${label}-----\n${der.toString('base64')}\n-----END ${label}-----\n`;
}

describe('QSslDiffieHellmanParameters', () => {
  it('is empty and valid when made without anything', () => {
    const parameters = new QSslDiffieHellmanParameters();
    expect(parameters.isEmpty()).toBe(true);
    expect(parameters.isValid()).toBe(true);
    expect(parameters.error()).toBe(NoError);
    expect(parameters.toDer()).toHaveLength(0);
    expect(parameters.equals(new QSslDiffieHellmanParameters())).toBe(true);
  });

  it('has the 2048-bit group of RFC 3526 by default', () => {
    const parameters = QSslDiffieHellmanParameters.defaultParameters();
    expect(parameters.isEmpty()).toBe(false);
    expect(parameters.toDer()).toEqual(encode(modp14, '02'));
    expect(parameters.equals(QSslDiffieHellmanParameters.defaultParameters())).toBe(true);
    expect(parameters.equals(new QSslDiffieHellmanParameters())).toBe(false);
  });

  it('reads PEM and DER', () => {
    const der = encode(modp14, '02');
    for (const [encoded, format] of [[toPem(der), Pem] as const, [der, Der] as const]) {
      const parameters = QSslDiffieHellmanParameters.fromEncoded(encoded, format);
      expect(parameters.isValid()).toBe(true);
      expect(parameters.errorString()).toBe('No error');
      expect(parameters.equals(QSslDiffieHellmanParameters.defaultParameters())).toBe(true);
    }
  });

  it('takes a group of 1024 bits', () => {
    expect(QSslDiffieHellmanParameters.fromEncoded(encode(modp2, '02'), Der).error()).toBe(NoError);
  });

  it.each<[string, string | Buffer, EncodingFormat]>([
    ['nothing', '', Pem],
    ['text', 'no parameters', Pem],
    ['PEM of another kind', toPem(encode(modp14, '02'), 'DSA PARAMETERS'), Pem],
    ['DER taken as PEM', encode(modp14, '02'), Pem],
    ['PEM taken as DER', toPem(encode(modp14, '02')), Der],
    ['an empty sequence', sequence(), Der],
    ['a prime alone', sequence(integer(modp14)), Der],
    ['half of it', encode(modp14, '02').subarray(0, 100), Der],
  ])('answers %s with InvalidInputDataError', (_, encoded, format) => {
    const parameters = QSslDiffieHellmanParameters.fromEncoded(encoded, format);
    expect(parameters.error()).toBe(InvalidInputDataError);
    expect(parameters.isValid()).toBe(false);
    expect(parameters.isEmpty()).toBe(false);
    expect(parameters.errorString()).toBe('The data are no Diffie-Hellman parameters');
    expect(parameters.toDer()).toHaveLength(0);
  });

  it.each<[string, string, string]>([
    ['a group of 768 bits', modp1, '02'],
    ['a number that is no prime', `${modp14.slice(0, -1)}d`, '02'],
    ['an even number', `${modp14.slice(0, -1)}e`, '02'],
    ['a prime that is not safe', createDiffieHellman(modp2, 'hex').getPrime('hex').replace(/f$/, 'd'), '02'],
    ['base 0', modp14, '00'],
    ['base 1', modp14, '01'],
    ['base p - 1', modp14, `${modp14.slice(0, -1)}e`],
    ['a prime beyond 10000 bits', `f${'0'.repeat(2600)}1`, '02'],
    ['a prime of zero', '00', '02'],
  ])('answers %s with UnsafeParametersError', (_, prime, generator) => {
    const parameters = QSslDiffieHellmanParameters.fromEncoded(encode(prime, generator), Der);
    expect(parameters.error()).toBe(UnsafeParametersError);
    expect(parameters.errorString()).toBe('The Diffie-Hellman parameters are not safe to use');
    expect(parameters.toDer()).toHaveLength(0);
    expect(parameters.equals(new QSslDiffieHellmanParameters())).toBe(false);
  });

  it('refuses what is no encoding, no format and no parameters', () => {
    expect(() => callWith(QSslDiffieHellmanParameters, 'fromEncoded', 1)).toThrow('"encoded"');
    expect(() => callWith(QSslDiffieHellmanParameters, 'fromEncoded', '', 2)).toThrow(RangeError);
    expect(() => callWith(new QSslDiffieHellmanParameters(), 'equals', {})).toThrow('"other"');
  });
});
