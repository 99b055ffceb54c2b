import { randomBytes } from 'node:crypto';
import { GeneratorParameters } from '../generatorparameters';
import type { DatagramSocket } from '../index';
import { Algorithm } from '../qcryptographichash';
import { QDtlsClientVerifier } from '../qdtlsclientverifier';
import type { Remote } from './association';

/** Milliseconds that a cookie is good for, at the least. */
const LIFETIME = 60_000;

/** Lets in who has shown that he receives at the address he sends from. Keeps nothing of anybody. */
export class CookieGate {
  readonly #verifier = new QDtlsClientVerifier();

  /** @param secret - Shared by all who are to take each other's cookies; null for a random one. */
  constructor(secret: Uint8Array | null) {
    const key = secret ?? randomBytes(32);
    // Else who has seen one cookie could end any handshake of its address by a hello of his own.
    const options = { lifetime: LIFETIME, bindsHello: true };
    this.#verifier.setCookieGeneratorParameters(new GeneratorParameters(Algorithm.Sha256, key, options));
  }

  /** What the associations of those who were let in check the cookie with. */
  get parameters(): GeneratorParameters {
    return this.#verifier.cookieGeneratorParameters();
  }

  /** Whether the hello has the right cookie. If not, it is answered with one. */
  admits(hello: Buffer, from: Remote, socket: DatagramSocket): boolean {
    return this.#verifier.verifyClient(socket, hello, from.address, from.port);
  }

  /** Replaces the secret; cookies of the present one are still taken until the next time. */
  rotate(secret: Uint8Array | null): void {
    this.#verifier.rotateCookieSecret(secret ?? randomBytes(32));
  }
}
