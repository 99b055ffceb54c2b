import { randomBytes } from 'node:crypto';
import { checkBytes, checkEnum, invalidArgumentType } from './internal/arguments';
import { native } from './internal/native';
import type { NativeClientVerifier } from './internal/native-types';
import { Algorithm, opensslDigestName } from './qcryptographichash';

/**
 * What a cookie is made with: a keyed hash and its secret. Immutable.
 * Qt: QDtlsClientVerifier::GeneratorParameters
 */
export class GeneratorParameters {
  /** The hash function of the HMAC. */
  readonly hash: Algorithm;
  readonly #secret: Buffer;

  /**
   * @param hash - A hash that OpenSSL's HMAC has: SHA-1, SHA-2, SHA-3, BLAKE2b-512 or BLAKE2s-256. Default: Sha1, as
   *   in Qt (the objects themselves start with Sha256 and a random secret).
   * @param secret - The key; copied. 32 random bytes are a good choice.
   * @throws TypeError, RangeError - for values of another kind.
   */
  constructor(hash: Algorithm = Algorithm.Sha1, secret: string | NodeJS.ArrayBufferView | ArrayBuffer = '') {
    this.hash = checkEnum(hash, Algorithm, 'hash', 'QCryptographicHash.Algorithm');
    this.#secret = Buffer.from(checkBytes(secret, 'secret'));
  }

  /** A copy of the secret. */
  get secret(): Buffer {
    return Buffer.from(this.#secret);
  }
}

/** Of one process (or worker): every verifier and every QDtls starts with it, so that their cookies agree. */
export const defaultGeneratorParameters = new GeneratorParameters(Algorithm.Sha256, randomBytes(32));

const verifiers = new WeakMap<GeneratorParameters, NativeClientVerifier>();

/** The cookie check for these parameters, made once; its `error` says why they cannot be used. */
export function cookieCheck(parameters: GeneratorParameters): NativeClientVerifier {
  let verifier = verifiers.get(parameters);
  if (verifier === undefined) {
    verifier = new native.ClientVerifier(opensslDigestName(parameters.hash), parameters.secret);
    verifiers.set(parameters, verifier);
  }
  return verifier;
}

/** Why these parameters cannot be used, or ''. */
export function cookieParametersProblem(parameters: GeneratorParameters): string {
  if (parameters.secret.length === 0) return 'the cookie secret must not be empty';
  if (parameters.hash === Algorithm.Md4 || parameters.hash === Algorithm.Md5) {
    return `${Algorithm[parameters.hash]} is broken and not accepted for cookies: use Sha256`;
  }
  return cookieCheck(parameters).error;
}

/** Returns the parameters, also from a plain `{ hash, secret }`; throws a TypeError for anything else. */
export function checkGeneratorParameters(value: unknown): GeneratorParameters {
  if (value instanceof GeneratorParameters) return value;
  if (typeof value !== 'object' || value === null || !('hash' in value) || !('secret' in value)) {
    throw invalidArgumentType('parameters', 'GeneratorParameters or an object with hash and secret', value);
  }
  return new GeneratorParameters(
    checkEnum(value.hash, Algorithm, 'parameters.hash', 'QCryptographicHash.Algorithm'),
    checkBytes(value.secret, 'parameters.secret'),
  );
}
