import { createHmac, randomBytes } from 'node:crypto';
import { checkBoolean, checkBytes, checkEnum, checkObject, checkUint, copyBytes, type Bytes } from './internal/arguments';
import { native } from './internal/native';
import type { NativeClientVerifier } from './internal/native-types';
import { Algorithm, opensslDigestName } from './qcryptographichash';

/** What GeneratorParameters can be told beyond Qt. Extension. */
export interface CookieOptions {
  /** A secret whose cookies are still taken, and not given any more. */
  readonly previousSecret?: Bytes;
  /**
   * Milliseconds, 1000 to 2147483647, or 0 for ever (the default): a cookie is good for this long at least and twice
   * as long at most. The keys are made from the secret and the time, so that machines with one secret and clocks that
   * agree take each other's cookies.
   */
  readonly lifetime?: number;
  /**
   * Whether a cookie is good for the hello alone that it was an answer to, and not for others of its address. Default: false, as
   * in Qt. Source: RFC 6347 section 4.2.1
   */
  readonly bindsHello?: boolean;
}

/**
 * What a cookie is made with: a keyed hash and its secret. Immutable.
 * Qt: QDtlsClientVerifier::GeneratorParameters
 */
export class GeneratorParameters {
  /** The hash function of the HMAC. Qt: QDtlsClientVerifier::GeneratorParameters::hash */
  readonly hash: Algorithm;
  /** How long a cookie is good for, in milliseconds; 0 for ever. Extension. */
  readonly lifetime: number;
  /** Whether a cookie is good for one hello alone. Extension. */
  readonly bindsHello: boolean;
  readonly #secret: Buffer;
  readonly #previousSecret: Buffer;

  /**
   * Makes parameters; without arguments ones that cannot be used, for want of a secret.
   *
   * @param hash - A hash that OpenSSL's HMAC has: SHA-1, SHA-2, SHA-3, BLAKE2b-512 or BLAKE2s-256. Default: Sha1, as
   *   in Qt (the objects themselves start with Sha256 and a random secret).
   * @param secret - The key; copied. 32 random bytes are a good choice.
   * @param options - What Qt does not have; see CookieOptions.
   * @throws TypeError, RangeError - for values of another kind.
   * Qt: QDtlsClientVerifier::GeneratorParameters::GeneratorParameters
   */
  constructor(hash: Algorithm = Algorithm.Sha1, secret: Bytes = '', options: CookieOptions = {}) {
    const { previousSecret = '', lifetime = 0, bindsHello = false } = checkObject(options, 'options', 'an object');
    this.hash = checkEnum(hash, Algorithm, 'hash', 'QCryptographicHash.Algorithm');
    this.#secret = copyBytes(secret, 'secret');
    this.#previousSecret = copyBytes(previousSecret, 'options.previousSecret');
    this.lifetime = checkLifetime(lifetime, 'options.lifetime');
    this.bindsHello = checkBoolean(bindsHello, 'options.bindsHello');
  }

  /** A copy of the secret. Qt: QDtlsClientVerifier::GeneratorParameters::secret */
  get secret(): Buffer {
    return Buffer.from(this.#secret);
  }

  /** A copy of the secret whose cookies are still taken; empty if there is none. Extension. */
  get previousSecret(): Buffer {
    return Buffer.from(this.#previousSecret);
  }

  /**
   * The parameters with a new secret; cookies of the present one are still taken. Extension.
   *
   * @param secret - 32 random bytes by default.
   * @throws TypeError - unless it is bytes.
   */
  rotated(secret: Bytes = randomBytes(32)): GeneratorParameters {
    const { lifetime, bindsHello } = this;
    return new GeneratorParameters(this.hash, secret, { previousSecret: this.#secret, lifetime, bindsHello });
  }
}

/** Of one process (or worker): every verifier and every QDtls starts with it, so that their cookies agree. */
let shared = new GeneratorParameters(Algorithm.Sha256, randomBytes(32));

/** The parameters of all objects that were not given their own. */
export function sharedParameters(): GeneratorParameters {
  return shared;
}

/** Replaces them, for all these objects. */
export function setSharedParameters(parameters: GeneratorParameters): void {
  shared = parameters;
}

interface Check {
  readonly period: number;
  readonly verifier: NativeClientVerifier;
}

const checks = new WeakMap<GeneratorParameters, Check>();

/** The secrets in force in a period of time, the one that new cookies are made with first. */
function secretsOf(parameters: GeneratorParameters, period: number): Buffer[] {
  const { secret, previousSecret, lifetime } = parameters;
  const secrets = previousSecret.length === 0 ? [secret] : [secret, previousSecret];
  if (lifetime === 0) return secrets;
  return secrets.flatMap((key) =>
    [period, period - 1].map((number) => createHmac('sha256', key).update(`qdtls cookie ${number}`).digest()),
  );
}

/** The cookie check for these parameters at this moment; its `error` says why they cannot be used. */
export function cookieCheck(parameters: GeneratorParameters, now?: number): NativeClientVerifier {
  const period = parameters.lifetime === 0 ? 0 : Math.floor((now ?? Date.now()) / parameters.lifetime);
  const known = checks.get(parameters);
  if (known?.period === period) return known.verifier;
  const { hash, bindsHello } = parameters;
  const verifier = new native.ClientVerifier(opensslDigestName(hash), secretsOf(parameters, period), bindsHello);
  checks.set(parameters, { period, verifier });
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
  const expected = 'GeneratorParameters or an object with hash and secret';
  const { hash, secret, previousSecret = '', lifetime = 0, bindsHello = false } = checkObject(value, 'parameters', expected);
  return new GeneratorParameters(
    checkEnum(hash, Algorithm, 'parameters.hash', 'QCryptographicHash.Algorithm'),
    checkBytes(secret, 'parameters.secret'),
    {
      previousSecret: checkBytes(previousSecret, 'parameters.previousSecret'),
      lifetime: checkLifetime(lifetime, 'parameters.lifetime'),
      bindsHello: checkBoolean(bindsHello, 'parameters.bindsHello'),
    },
  );
}

function checkLifetime(value: unknown, name: string): number {
  return value === 0 ? 0 : checkUint(value, name, { min: 1000, max: 0x7fff_ffff });
}
