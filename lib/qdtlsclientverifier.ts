import { randomBytes } from 'node:crypto';
import { EventEmitter } from 'node:events';
import type { GeneratorParametersLike } from './dtls-settings';
import { ErrorSlot } from './error-slot';
import {
  GeneratorParameters,
  checkGeneratorParameters,
  cookieCheck,
  cookieParametersProblem,
  setSharedParameters,
  sharedParameters,
} from './generatorparameters';
import { addressBytes, isBroadcastOrMulticast } from './internal/address';
import { checkBytes, checkString, checkUint, type Bytes } from './internal/arguments';
import { checkSocket, routeOf, toError, type DatagramSocket, type SendCallback } from './internal/datagram-socket';
import { NativeVerdict } from './internal/native-types';
import { onlyPart } from './internal/record-calls';
import { QDtlsError } from './qdtlserror';

const EMPTY = Buffer.alloc(0);

/** The events of a QDtlsClientVerifier and what their listeners receive. Extension. */
export interface QDtlsClientVerifierEvents {
  /** The socket refused an answer, at once or later. Extension. */
  socketError: [error: Error];
}

/** What a verifier has seen. Counts of datagrams and bytes (UDP payload). Extension. */
export interface QDtlsClientVerifierStatistics {
  /** Given to verifyClient(), whatever was in them. */
  readonly datagramsReceived: number;
  /** Theirs. */
  readonly bytesReceived: number;
  /** HelloVerifyRequests. */
  readonly answersSent: number;
  /** Theirs. */
  readonly answerBytesSent: number;
  /** Hellos with the right cookie. */
  readonly verified: number;
}

/**
 * Makes sure that a client owns the address its hello came from, before anything is spent on it: an unknown client
 * gets a cookie and must send its hello again with it. Keeps nothing about clients; one object serves any number.
 *
 * When verifyClient() returns true, make a QDtls for that client, with the same cookie parameters (by default all
 * objects of a process share them), and hand it the same datagram.
 * Qt: QDtlsClientVerifier
 */
export class QDtlsClientVerifier extends EventEmitter<QDtlsClientVerifierEvents> {
  static readonly GeneratorParameters = GeneratorParameters;

  readonly #slot = new ErrorSlot();
  /** null: those that all objects share. */
  #parameters: GeneratorParameters | null = null;
  readonly #counters = { datagramsReceived: 0, bytesReceived: 0, answersSent: 0, answerBytesSent: 0, verified: 0 };
  #verifiedHello: Buffer = EMPTY;
  readonly #onSent: SendCallback = (error) => {
    if (error !== null && error !== undefined) this.#socketFailed(toError(error));
  };

  /**
   * Verifies the sender of a datagram. An unverified hello is answered with a HelloVerifyRequest (no longer than the
   * hello), anything else is dropped.
   *
   * Returns true if the datagram is a hello with this sender's cookie. Returns false with NoError if not, with
   * InvalidInputParameters (no socket, no datagram, or an address that is null, no IP literal, broadcast or
   * multicast) and with UnderlyingSocketError (the socket threw).
   * @param address - Where the datagram came from: an IP literal, as in `rinfo.address` of `dgram`; null or '' for the
   *   null address.
   * @param port - 0 to 65535.
   * @throws TypeError, RangeError - for values of another kind.
   *
   * Differs from Qt: a socket that refuses the answer is UnderlyingSocketError; a default configuration without
   * cookie verification does not matter.
   * Qt: QDtlsClientVerifier::verifyClient
   */
  verifyClient(
    socket: DatagramSocket | null | undefined,
    dgram: Bytes | null,
    address: string | null,
    port: number,
  ): boolean {
    const target = checkSocket(socket);
    const datagram = checkBytes(dgram ?? EMPTY, 'dgram');
    const literal = checkString(address ?? '', 'address');
    const bytes = addressBytes(literal);
    checkUint(port, 'port', { max: 65535 });
    if (target === null || datagram.length === 0 || bytes === null) {
      const text = 'a socket, a datagram that is not empty and an IP literal as address are needed';
      return this.#slot.fail(QDtlsError.InvalidInputParameters, text);
    }
    if (isBroadcastOrMulticast(bytes)) {
      const text = 'broadcast and multicast addresses are not supported';
      return this.#slot.fail(QDtlsError.InvalidInputParameters, text);
    }
    this.#slot.clear();
    this.#verifiedHello = EMPTY;
    this.#counters.datagramsReceived += 1;
    this.#counters.bytesReceived += datagram.length;
    const verdict = cookieCheck(this.cookieGeneratorParameters()).decide(datagram, bytes, port);
    if (verdict === NativeVerdict.Verified) {
      this.#counters.verified += 1;
      this.#verifiedHello = Buffer.from(datagram);
      return true;
    }
    if (verdict === NativeVerdict.Answered) {
      const answer = onlyPart();
      this.#counters.answersSent += 1;
      this.#counters.answerBytesSent += answer.length;
      const error = routeOf(target).send(target, answer, { address: literal, port }, this.#onSent);
      if (error !== null) this.#socketFailed(error);
    }
    return false;
  }

  /** The datagram of the last successful verifyClient(); empty after one that failed. Qt: QDtlsClientVerifier::verifiedHello */
  verifiedHello(): Buffer {
    return this.#verifiedHello;
  }

  /**
   * Sets what cookies are made with; older cookies become invalid at once.
   *
   * Returns false, changing nothing, with InvalidInputParameters for an empty secret or a hash that cannot be used.
   * @throws TypeError, RangeError - unless it is GeneratorParameters or an object with hash and secret.
   * Qt: QDtlsClientVerifier::setCookieGeneratorParameters
   */
  setCookieGeneratorParameters(parameters: GeneratorParametersLike): boolean {
    const checked = checkGeneratorParameters(parameters);
    const problem = cookieParametersProblem(checked);
    if (problem !== '') return this.#slot.fail(QDtlsError.InvalidInputParameters, problem);
    this.#parameters = checked;
    this.#slot.clear();
    return true;
  }

  /**
   * Replaces the secret; cookies of the present one are still taken until the next rotation. A verifier without
   * parameters of its own does so for all objects of the process; otherwise give the servers' QDtls objects the new
   * `cookieGeneratorParameters()`. Extension.
   *
   * Returns false, changing nothing, with InvalidInputParameters for an empty secret.
   * @param secret - 32 random bytes by default.
   * @throws TypeError - unless it is bytes.
   * Source: RFC 6347 section 4.2.1
   */
  rotateCookieSecret(secret: Bytes = randomBytes(32)): boolean {
    const rotated = this.cookieGeneratorParameters().rotated(secret);
    const problem = cookieParametersProblem(rotated);
    if (problem !== '') return this.#slot.fail(QDtlsError.InvalidInputParameters, problem);
    if (this.#parameters === null) setSharedParameters(rotated);
    else this.#parameters = rotated;
    this.#slot.clear();
    return true;
  }

  /** How many datagrams were seen, answered and verified; the others were dropped. Extension. */
  statistics(): QDtlsClientVerifierStatistics {
    return { ...this.#counters };
  }

  /** What cookies are made with: at first Sha256 and a secret of the process. Qt: QDtlsClientVerifier::cookieGeneratorParameters */
  cookieGeneratorParameters(): GeneratorParameters {
    return this.#parameters ?? sharedParameters();
  }

  /** What the last operation had to say. Qt: QDtlsClientVerifier::dtlsError */
  dtlsError(): QDtlsError {
    return this.#slot.error;
  }

  /** The same in a sentence; '' for NoError. Qt: QDtlsClientVerifier::dtlsErrorString */
  dtlsErrorString(): string {
    return this.#slot.text;
  }

  #socketFailed(error: Error): void {
    this.#slot.fail(QDtlsError.UnderlyingSocketError, error.message);
    this.emit('socketError', error);
  }
}
