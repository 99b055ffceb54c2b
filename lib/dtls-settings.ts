import { EventEmitter } from 'node:events';
import { boxOf, dataOf } from './configuration-data';
import type { DtlsAssociation, HandshakeLimits } from './dtls-association';
import type { QDtlsEvents } from './dtls-channel';
import {
  checkGeneratorParameters,
  cookieParametersProblem,
  sharedParameters,
  type CookieOptions,
  type GeneratorParameters,
} from './generatorparameters';
import { HandshakeState } from './handshake-state';
import { addressBytes, isBroadcastOrMulticast } from './internal/address';
import { checkBoolean, checkInstance, checkObject, checkString, checkUint } from './internal/arguments';
import { nextProtocolOf } from './next-protocol';
import { QDtlsError } from './qdtlserror';
import { QSslConfiguration } from './qsslconfiguration';
import type { SslMode } from './qsslsocket';
import { putSession } from './sessions';
import type { QDtlsStatistics } from './statistics';

const MINIMUM_MTU = 256;

/** The half of a QDtls that is told what to do: peer, configuration, MTU, cookies. And the error slot. */
export abstract class DtlsSettings extends EventEmitter<QDtlsEvents> {
  readonly #association: DtlsAssociation;

  constructor(association: DtlsAssociation) {
    super();
    this.#association = association;
    association.attach(this);
  }

  /**
   * Sets whom to talk to. An omitted name resets the name.
   *
   * Returns false, keeping the old values, with InvalidOperation once the handshake has begun, and with
   * InvalidInputParameters for a null (''), broadcast or multicast address and for anything that is no IP literal.
   *
   * @param address - An IPv4 or IPv6 literal, as in `rinfo.address` of `dgram`; null or '' for the null address.
   * @param port - 0 to 65535.
   * @param verificationName - The name the peer's certificate must be good for.
   * @throws TypeError, RangeError - for values of another kind.
   * Qt: QDtls::setPeer
   */
  setPeer(address: string | null, port: number, verificationName = ''): boolean {
    const literal = checkString(address ?? '', 'address');
    const checkedPort = checkUint(port, 'port', { max: 65535 });
    const name = checkString(verificationName, 'verificationName');
    if (this.#hasBegun('the peer cannot be changed once the handshake has begun')) return false;
    const bytes = addressBytes(literal);
    if (bytes === null) {
      return this.#association.slot.fail(QDtlsError.InvalidInputParameters, 'the address must be an IPv4 or IPv6 literal');
    }
    if (isBroadcastOrMulticast(bytes)) {
      return this.#association.slot.fail(QDtlsError.InvalidInputParameters, 'broadcast and multicast addresses are not supported');
    }
    this.#association.peer = { address: literal, port: checkedPort };
    this.#association.name = name;
    this.#association.slot.clear();
    return true;
  }

  /** The peer's address; '' until setPeer() succeeded. Qt: QDtls::peerAddress */
  peerAddress(): string {
    return this.#association.peer.address;
  }

  /** The peer's port; 0 until setPeer() succeeded. Qt: QDtls::peerPort */
  peerPort(): number {
    return this.#association.peer.port;
  }

  /**
   * Sets the name (or IP literal) that the peer's certificate must be good for.
   *
   * Returns false with InvalidOperation once the handshake has begun.
   * @throws TypeError - unless it is a string.
   * Qt: QDtls::setPeerVerificationName
   */
  setPeerVerificationName(name: string): boolean {
    const checked = checkString(name, 'name');
    if (this.#hasBegun('the name cannot be changed once the handshake has begun')) return false;
    this.#association.name = checked;
    this.#association.slot.clear();
    return true;
  }

  /**
   * The name that the peer's certificate must be good for; '' if none was set.
   *
   * Differs from Qt: an empty name is not replaced by the one a socket was connected with (dgram does not keep it),
   * and no certificate is good for it.
   * Qt: QDtls::peerVerificationName
   */
  peerVerificationName(): string {
    return this.#association.name;
  }

  /** Which side this object plays. Qt: QDtls::sslMode */
  sslMode(): SslMode {
    return this.#association.mode;
  }

  /**
   * Sets the largest datagram (UDP payload) of handshake messages, in bytes: 256 to 65535, or 0 for 576. It applies
   * from the next doHandshake() on and never limits application data.
   *
   * Values from 1 to 255, which OpenSSL refuses, set InvalidInputParameters and change nothing.
   * @throws TypeError, RangeError - unless it is an integer from 0 to 65535.
   *
   * Differs from Qt: there a value below 256 is stored and breaks the handshake without a reason.
   * Qt: QDtls::setMtuHint
   */
  setMtuHint(mtuHint: number): void {
    const hint = checkUint(mtuHint, 'mtuHint', { max: 65535 });
    if (hint !== 0 && hint < MINIMUM_MTU) {
      this.#association.slot.fail(QDtlsError.InvalidInputParameters, `the MTU hint must be 0 or at least ${MINIMUM_MTU} bytes`);
      return;
    }
    this.#association.mtuHint = hint;
  }

  /** What setMtuHint() stored, in bytes. Qt: QDtls::mtuHint */
  mtuHint(): number {
    return this.#association.mtuHint;
  }

  /**
   * Sets what this server checks cookies with: the same as the QDtlsClientVerifier that verified the client.
   *
   * Returns false with InvalidOperation once the handshake has begun, and with InvalidInputParameters for an empty
   * secret or a hash that cannot be used.
   * @throws TypeError, RangeError - unless it is GeneratorParameters or an object with hash and secret.
   *
   * Differs from Qt: returns true on success (there always false) and is refused after the start.
   * Qt: QDtls::setCookieGeneratorParameters
   */
  setCookieGeneratorParameters(parameters: GeneratorParametersLike): boolean {
    const checked = checkGeneratorParameters(parameters);
    if (this.#hasBegun('cookies cannot be changed once the handshake has begun')) return false;
    const problem = cookieParametersProblem(checked);
    if (problem !== '') return this.#association.slot.fail(QDtlsError.InvalidInputParameters, problem);
    this.#association.cookies = checked;
    this.#association.slot.clear();
    return true;
  }

  /** What cookies are checked with. Qt: QDtls::cookieGeneratorParameters */
  cookieGeneratorParameters(): GeneratorParameters {
    return this.#association.cookies ?? sharedParameters();
  }

  /**
   * Sets what a peer that has proved nothing but its address may cost: `maximumBytes` held for the unfinished
   * handshake (32768 to 1048576, default 65536: half of it for messages that are being put together, a quarter for
   * records before their keys, a quarter for datagrams that wait for a key or a configuration) and `maximumRetransmissions`
   * of one flight (0 to 12, default 12) before the handshake fails. Applies to the next start. Extension.
   *
   * @throws TypeError, RangeError - unless they are such integers.
   * Source: RFC 6347 sections 4.2.3 and 4.2.4
   */
  setHandshakeLimits(limits: Partial<HandshakeLimits>): void {
    const { maximumBytes, maximumRetransmissions } = {
      ...this.#association.limits,
      ...checkObject(limits, 'limits', 'an object with maximumBytes and maximumRetransmissions'),
    };
    this.#association.limits = {
      maximumBytes: checkUint(maximumBytes, 'limits.maximumBytes', { min: 32_768, max: 1_048_576 }),
      maximumRetransmissions: checkUint(maximumRetransmissions, 'limits.maximumRetransmissions', { max: 12 }),
    };
  }

  /**
   * Sets whether an alert during the handshake, which nobody signed and anybody can forge, ends the handshake, as in
   * Qt. Default false: it is counted, and named in the error text when the handshake fails by its deadline. Applies to
   * the next start. Extension.
   *
   * @throws TypeError - unless it is a boolean.
   * Source: RFC 6347 section 4.1.2.7
   */
  setObeyUnauthenticatedAlerts(obey: boolean): void {
    this.#association.obeysUnauthenticatedAlerts = checkBoolean(obey, 'obey');
  }

  /**
   * What went through the association since its handshake began, and what was dropped, by reason; when there is none,
   * of the last one. Extension.
   */
  statistics(): QDtlsStatistics {
    return this.#association.statistics();
  }

  /**
   * Sets the configuration; a copy is kept. Whether OpenSSL can work with it is found out by doHandshake().
   *
   * Returns false with InvalidOperation once the handshake has begun.
   * @throws TypeError - unless it is a QSslConfiguration.
   * Qt: QDtls::setDtlsConfiguration
   */
  setDtlsConfiguration(configuration: QSslConfiguration): boolean {
    const checked = checkInstance(configuration, QSslConfiguration, 'configuration');
    if (this.#hasBegun('the configuration cannot be changed once the handshake has begun')) return false;
    this.#association.settings = dataOf(checked);
    this.#association.slot.clear();
    return true;
  }

  /** A copy of the configuration, with what the peer sent and agreed to, and a client's session. Qt: QDtls::dtlsConfiguration */
  dtlsConfiguration(): QSslConfiguration {
    const copy = new QSslConfiguration();
    const box = boxOf(copy);
    box.data = this.#association.settings;
    box.peerChain = this.#association.peerChain();
    box.nextProtocol = nextProtocolOf(this.#association);
    putSession(box, this.#association);
    return copy;
  }

  /** What the last operation had to say. Qt: QDtls::dtlsError */
  dtlsError(): QDtlsError {
    return this.#association.slot.error;
  }

  /** The same in a sentence; '' for NoError. Qt: QDtls::dtlsErrorString */
  dtlsErrorString(): string {
    return this.#association.slot.text;
  }

  #hasBegun(complaint: string): boolean {
    const { slot, state } = this.#association;
    if (state === HandshakeState.HandshakeNotStarted) return false;
    slot.fail(QDtlsError.InvalidOperation, complaint);
    return true;
  }
}

/** GeneratorParameters, or a plain object with the same members. Extension. */
export type GeneratorParametersLike = Pick<GeneratorParameters, 'hash'> & {
  readonly secret: Uint8Array | string;
} & CookieOptions;
