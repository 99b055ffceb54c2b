import { randomBytes } from 'node:crypto';
import { Algorithm, GeneratorParameters, QDtls, QDtlsClientVerifier, SslMode } from '../../lib';
import { MemorySocket } from './memory-socket';
import { pskConfiguration } from './pair';
import type { Endpoint } from './lossy-link';
import { NO_REPETITION } from './timers';

/** Where the random of an unfragmented hello is (RFC 6347 sections 4.1 and 4.2.2). */
const RANDOM_AT = 27;
const RANDOM_LENGTH = 32;

/** Of the cookies of endpoints. */
const LIFETIME = { lifetime: 60_000 };

const configuration = pskConfiguration((settings) => settings.setCiphers('ECDHE-PSK-CHACHA20-POLY1305'));

/** The hello of another attempt: all the same but the random. */
export function withOtherRandom(hello: Buffer): Buffer {
  const other = Buffer.from(hello);
  randomBytes(RANDOM_LENGTH).copy(other, RANDOM_AT);
  return other;
}

/** Clients without a socket, which begin handshakes and never end them. */
export class HelloMaker {
  readonly #client = new QDtls(SslMode.SslClientMode);
  readonly #out = new MemorySocket();
  /** The first hello of this attempt, without a cookie. */
  readonly first: Buffer;

  constructor({ address, port }: Endpoint) {
    this.#client.setDtlsConfiguration(configuration);
    this.#client.setPeer(address, port);
    this.#client.setRetransmissionTimeouts(NO_REPETITION); // what it sends is the answer
    this.#client.doHandshake(this.#out);
    this.first = this.#out.take();
  }

  /** The hello with the cookie of this HelloVerifyRequest. */
  answer(cookieRequest: Buffer): Buffer {
    this.#client.doHandshake(this.#out, cookieRequest);
    return this.#out.take();
  }

  /** The hello with the cookie that a server with this secret would give to this client. */
  withCookieOf(secret: Uint8Array, { address, port }: Endpoint): Buffer {
    const verifier = new QDtlsClientVerifier();
    verifier.setCookieGeneratorParameters(new GeneratorParameters(Algorithm.Sha256, secret, LIFETIME));
    const replies = new MemorySocket();
    verifier.verifyClient(replies, this.first, address, port);
    const hello = this.answer(replies.take());
    this.stop();
    return hello;
  }

  /** Forgets the attempt. */
  stop(): void {
    this.#client.abortHandshake(this.#out);
  }
}
