import { constants, createDiffieHellman, getDiffieHellman } from 'node:crypto';
import { checkBytes, checkEnum, checkInstance } from './internal/arguments';
import { DerError, DerReader, derInteger, derSequence, tags } from './internal/der';
import { pemBlocks } from './internal/pem';
import { EncodingFormat } from './qssl';

/** Why parameters cannot be used. Qt: QSslDiffieHellmanParameters::Error */
export enum DiffieHellmanError {
  NoError = 0,
  /** The bytes are no Diffie-Hellman parameters. */
  InvalidInputDataError = 1,
  /** They are, but the group is too small or no safe one. */
  UnsafeParametersError = 2,
}

const texts: Readonly<Record<DiffieHellmanError, string>> = {
  [DiffieHellmanError.NoError]: 'No error',
  [DiffieHellmanError.InvalidInputDataError]: 'The data are no Diffie-Hellman parameters',
  [DiffieHellmanError.UnsafeParametersError]: 'The Diffie-Hellman parameters are not safe to use',
};

/** Fewer bits can be broken (Logjam, 2015); more, OpenSSL refuses to work with (DH_check). */
const primeBits = { min: 1024, max: 10_000 };

interface Group {
  readonly prime: Buffer;
  readonly generator: Buffer;
}

function readGroup(der: Uint8Array): Group | null {
  try {
    // PKCS #3 section 9: prime, base, and an optional length of the private value.
    const group = new DerReader(der).enter(tags.sequence);
    const prime = group.read(tags.integer).content;
    const generator = group.read(tags.integer).content;
    return prime.length > 0 && generator.length > 0 ? { prime, generator } : null;
  } catch (error) {
    if (error instanceof DerError) return null;
    throw error;
  }
}

function isSafe({ prime, generator }: Group): boolean {
  const p = BigInt(`0x${prime.toString('hex')}`);
  const g = BigInt(`0x${generator.toString('hex')}`);
  const bits = p.toString(2).length;
  const negative = (prime[0] ?? 0) >= 0x80 || (generator[0] ?? 0) >= 0x80;
  if (negative || bits < primeBits.min || bits > primeBits.max || g < 2n || g > p - 2n) return false;
  // RFC 2409 and RFC 3526 use base 2 in groups where DH_check does not expect it.
  const wellKnown = g === 2n && (p % 24n === 11n || p % 24n === 23n);
  const unsuitable = wellKnown ? 0 : constants.DH_NOT_SUITABLE_GENERATOR;
  const faults = constants.DH_CHECK_P_NOT_PRIME | constants.DH_CHECK_P_NOT_SAFE_PRIME | unsuitable;
  try {
    return (createDiffieHellman(prime, generator).verifyError & faults) === 0;
  } catch {
    return false;
  }
}

/**
 * Parameters of the Diffie-Hellman key exchange over a prime field, for a server; immutable.
 * Qt: QSslDiffieHellmanParameters
 */
export class QSslDiffieHellmanParameters {
  static readonly Error = DiffieHellmanError;
  static readonly NoError = DiffieHellmanError.NoError;
  static readonly InvalidInputDataError = DiffieHellmanError.InvalidInputDataError;
  static readonly UnsafeParametersError = DiffieHellmanError.UnsafeParametersError;

  #der: Buffer = Buffer.alloc(0);
  #error: DiffieHellmanError = DiffieHellmanError.NoError;

  /**
   * The 2048-bit group of RFC 3526 section 3, with which every configuration starts.
   * Qt: QSslDiffieHellmanParameters::defaultParameters
   */
  static defaultParameters(): QSslDiffieHellmanParameters {
    const group = getDiffieHellman('modp14');
    const parameters = new QSslDiffieHellmanParameters();
    parameters.#der = derSequence(derInteger(group.getPrime()), derInteger(group.getGenerator()));
    return parameters;
  }

  /**
   * Decodes parameters in the structure DHParameter of PKCS #3. Check `isValid()` or `error()` for success.
   *
   * The group must have a safe prime of 1024 to 10000 bits. Testing one that OpenSSL does not know takes
   * time: a tenth of a second for 1024 bits, a second for 2048.
   *
   * @throws TypeError, RangeError - for an encoding that is not bytes, and a format that is no EncodingFormat.
   * Qt: QSslDiffieHellmanParameters::fromEncoded
   */
  static fromEncoded(
    encoded: string | ArrayBuffer | ArrayBufferView,
    format: EncodingFormat = EncodingFormat.Pem,
  ): QSslDiffieHellmanParameters {
    const bytes = checkBytes(encoded, 'encoded');
    checkEnum(format, EncodingFormat, 'format', 'EncodingFormat');
    const der = format === EncodingFormat.Pem ? pemBlocks(bytes, 'DH PARAMETERS')[0] : Buffer.from(bytes);
    const group = der === undefined ? null : readGroup(der);
    const parameters = new QSslDiffieHellmanParameters();
    if (der === undefined || group === null) parameters.#error = DiffieHellmanError.InvalidInputDataError;
    else if (!isSafe(group)) parameters.#error = DiffieHellmanError.UnsafeParametersError;
    else parameters.#der = der;
    return parameters;
  }

  /**
   * True if there are no parameters, and no error either: the server then picks a group that fits its key.
   * Qt: QSslDiffieHellmanParameters::isEmpty
   */
  isEmpty(): boolean {
    return this.#der.length === 0 && this.isValid();
  }

  /** True if nothing was wrong with the encoding. Qt: QSslDiffieHellmanParameters::isValid */
  isValid(): boolean {
    return this.#error === DiffieHellmanError.NoError;
  }

  /** What was wrong with the encoding. Qt: QSslDiffieHellmanParameters::error */
  error(): DiffieHellmanError {
    return this.#error;
  }

  /**
   * A sentence about the error, in English; the wording is ours.
   * Qt: QSslDiffieHellmanParameters::errorString
   */
  errorString(): string {
    return texts[this.#error];
  }

  /** The parameters as DER (PKCS #3 section 9); empty if there are none. Extension. */
  toDer(): Buffer {
    return Buffer.from(this.#der);
  }

  /**
   * True if both hold the same parameters, or are empty, or failed alike.
   *
   * @throws TypeError - unless it is a QSslDiffieHellmanParameters.
   * Qt: QSslDiffieHellmanParameters::operator==
   */
  equals(other: QSslDiffieHellmanParameters): boolean {
    const parameters = checkInstance(other, QSslDiffieHellmanParameters, 'other');
    return this.#error === parameters.#error && this.#der.equals(parameters.#der);
  }
}
