import { dataOf, type ConfigurationData } from './configuration-data';
import { checkInstance, checkString } from './internal/arguments';
import { PromiseCollector } from './promise-collector';
import { QSslConfiguration } from './qsslconfiguration';

/** What listeners decided: a configuration, none (go on with the server's own), or to refuse. */
export type ServerNameDecision = ConfigurationData | 'own' | 'refused';

/** What is private to the class. */
let partsOf: (request: QDtlsServerNameRequest) => { readonly decision: ServerNameDecision; readonly promises: PromiseCollector };

/** What listeners have decided so far. */
export function decisionOf(request: QDtlsServerNameRequest): ServerNameDecision {
  return partsOf(request).decision;
}

/** Emits the event and returns what to wait for, or null. */
export function collectPromisesOf(request: QDtlsServerNameRequest, emit: () => void): Promise<unknown> | null {
  return partsOf(request).promises.collect(emit);
}

/**
 * What a listener of `serverNameRequired` answers: which configuration, and so which identity, the client shall meet. It
 * counts while the event is emitted and until what was given to `waitUntil()` settles; what is decided last counts. When
 * nothing is decided the handshake goes on with the server's own configuration. Extension.
 */
export class QDtlsServerNameRequest {
  readonly #serverName: string;
  readonly #promises = new PromiseCollector('serverNameRequired');
  #decision: ServerNameDecision = 'own';

  /**
   * Makes a request for a name; applications receive theirs with the event. Extension.
   *
   * @throws TypeError - unless it is a string.
   */
  constructor(serverName: string) {
    this.#serverName = checkString(serverName, 'serverName');
  }

  /**
   * The name that the client asks for, as it wrote it; '' if it sent none. Nobody has proved it: treat it as hostile when it
   * goes into a query or a log. Extension. Source: RFC 6066 section 3
   */
  serverName(): string {
    return this.#serverName;
  }

  /**
   * Sets what the handshake goes on with: certificates, suites, versions, whom to believe and whether to verify. Cookie
   * verification is over by then, and the ticket keys stay those of the server's own configuration. Extension.
   *
   * @throws TypeError - unless it is a QSslConfiguration.
   * Source: SSL_set_SSL_CTX
   */
  setConfiguration(configuration: QSslConfiguration): void {
    this.#decision = dataOf(checkInstance(configuration, QSslConfiguration, 'configuration'));
  }

  /** Ends the handshake with the fatal alert unrecognized_name, and here with TlsFatalError. Extension. */
  refuse(): void {
    this.#decision = 'refused';
  }

  /**
   * Lets the handshake wait until a promise settles, for an identity that must be fetched: call it while the event is
   * emitted, and decide before the promise resolves. A rejected promise fails this handshake (TlsFatalError). The
   * handshake deadline goes on. Extension.
   *
   * @throws TypeError - for anything but a promise, and when the event is over.
   */
  waitUntil(promise: PromiseLike<unknown>): void {
    this.#promises.add(promise);
  }

  static {
    partsOf = (request) => ({ decision: request.#decision, promises: request.#promises });
  }
}
