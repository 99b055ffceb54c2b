import { timingSafeEqual } from 'node:crypto';
import { checkInstance, checkUint, copyBytes, type Bytes } from './internal/arguments';
import { PromiseCollector } from './promise-collector';

/** What a handshake knows when it asks for a pre-shared key. Extension: for tests of listeners. */
export interface PreSharedKeyRequest {
  /** The server's hint; empty if it gave none. */
  readonly identityHint: Bytes;
  /** On a server the identity that the client sent; empty on a client. */
  readonly identity: Bytes;
  /** In bytes; 0 on a server, which cannot set an identity. */
  readonly maximumIdentityLength: number;
  /** In bytes. */
  readonly maximumPreSharedKeyLength: number;
}

const NOTHING = Buffer.alloc(0);

const nothing: PreSharedKeyRequest = {
  identityHint: '',
  identity: '',
  maximumIdentityLength: 0,
  maximumPreSharedKeyLength: 0,
};

function sameSecret(a: Buffer, b: Buffer): boolean {
  return a.length === b.length && timingSafeEqual(a, b);
}

/** What is private to the class. */
let promisesOf: (authenticator: QSslPreSharedKeyAuthenticator) => PromiseCollector;

/** Hands over identity and key, which are lent, and wipes the key. */
export let handOver: <T>(authenticator: QSslPreSharedKeyAuthenticator, take: (identity: Buffer, key: Buffer) => T) => T;

/** Emits the event and returns what to wait for, or null. From then on waitUntil() is refused. */
export function collectPromises(authenticator: QSslPreSharedKeyAuthenticator, emit: () => void): Promise<unknown> | null {
  return promisesOf(authenticator).collect(emit);
}

/**
 * What a listener of `pskRequired` fills in: the key and, on a client, the identity that names it. It
 * counts while the event is emitted and until what was given to `waitUntil()` settles; a value that is set later is
 * ignored.
 *
 * Qt: QSslPreSharedKeyAuthenticator
 */
export class QSslPreSharedKeyAuthenticator {
  readonly #identityHint: Buffer;
  readonly #maximumIdentityLength: number;
  readonly #maximumPreSharedKeyLength: number;
  #identity: Buffer;
  #preSharedKey: Buffer = NOTHING;
  readonly #promises = new PromiseCollector('pskRequired');

  /**
   * Constructs an authenticator; without a request an empty one. Applications receive theirs with the event.
   *
   * @throws TypeError, RangeError - for a request with values of another kind.
   * Qt: QSslPreSharedKeyAuthenticator::QSslPreSharedKeyAuthenticator()
   */
  constructor(request: PreSharedKeyRequest = nothing) {
    this.#identityHint = copyBytes(request.identityHint, 'request.identityHint');
    this.#identity = copyBytes(request.identity, 'request.identity');
    this.#maximumIdentityLength = checkUint(request.maximumIdentityLength, 'request.maximumIdentityLength');
    this.#maximumPreSharedKeyLength = checkUint(
      request.maximumPreSharedKeyLength,
      'request.maximumPreSharedKeyLength',
    );
  }

  /**
   * The server's hint at which key to use; empty if there is none.
   * Qt: QSslPreSharedKeyAuthenticator::identityHint
   */
  identityHint(): Buffer {
    return Buffer.from(this.#identityHint);
  }

  /**
   * On a server the identity that the client sent, on a client the one that was set.
   * Qt: QSslPreSharedKeyAuthenticator::identity
   */
  identity(): Buffer {
    return Buffer.from(this.#identity);
  }

  /**
   * Sets the identity that a client sends, copying it. More than `maximumIdentityLength()` bytes are cut
   * off when it is used.
   *
   * @throws TypeError - unless it is a string or bytes.
   * Qt: QSslPreSharedKeyAuthenticator::setIdentity
   */
  setIdentity(identity: Bytes): void {
    this.#identity = copyBytes(identity, 'identity');
  }

  /**
   * The longest identity in bytes; 0 on a server.
   * Qt: QSslPreSharedKeyAuthenticator::maximumIdentityLength
   */
  maximumIdentityLength(): number {
    return this.#maximumIdentityLength;
  }

  /**
   * The key that was set; empty at first, which refuses the peer.
   * Qt: QSslPreSharedKeyAuthenticator::preSharedKey
   */
  preSharedKey(): Buffer {
    return Buffer.from(this.#preSharedKey);
  }

  /**
   * Sets the key, copying it. More than `maximumPreSharedKeyLength()` bytes are cut off when it is used.
   *
   * @throws TypeError - unless it is a string or bytes.
   * Qt: QSslPreSharedKeyAuthenticator::setPreSharedKey
   */
  setPreSharedKey(preSharedKey: Bytes): void {
    const key = copyBytes(preSharedKey, 'preSharedKey');
    this.#preSharedKey.fill(0);
    this.#preSharedKey = key;
  }

  /** The longest key in bytes. Qt: QSslPreSharedKeyAuthenticator::maximumPreSharedKeyLength */
  maximumPreSharedKeyLength(): number {
    return this.#maximumPreSharedKeyLength;
  }

  /**
   * Lets the handshake wait until a promise settles, for a key that must be fetched: call it while the event is
   * emitted, and set the key before the promise resolves. A rejected promise fails this handshake (TlsFatalError).
   * The handshake deadline goes on. Extension.
   *
   * @throws TypeError - for anything but a promise, and when the event is over.
   */
  waitUntil(promise: PromiseLike<unknown>): void {
    this.#promises.add(promise);
  }

  /**
   * True if hint, identity, key and both limits are the same.
   *
   * @throws TypeError - unless it is a QSslPreSharedKeyAuthenticator.
   * Qt: operator==(const QSslPreSharedKeyAuthenticator &, ...)
   */
  equals(other: QSslPreSharedKeyAuthenticator): boolean {
    const authenticator = checkInstance(other, QSslPreSharedKeyAuthenticator, 'other');
    return (
      this.#identityHint.equals(authenticator.#identityHint) &&
      this.#identity.equals(authenticator.#identity) &&
      sameSecret(this.#preSharedKey, authenticator.#preSharedKey) &&
      this.#maximumIdentityLength === authenticator.#maximumIdentityLength &&
      this.#maximumPreSharedKeyLength === authenticator.#maximumPreSharedKeyLength
    );
  }

  static {
    promisesOf = (authenticator) => authenticator.#promises;
    handOver = (authenticator, take) => {
      try {
        return take(authenticator.#identity, authenticator.#preSharedKey);
      } finally {
        // Not by setPreSharedKey(), which a listener may have replaced.
        authenticator.#preSharedKey.fill(0);
        authenticator.#preSharedKey = NOTHING;
      }
    };
  }
}
