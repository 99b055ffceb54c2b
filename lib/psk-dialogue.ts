import type { NativePskLookup } from './internal/native-types';
import { QSslPreSharedKeyAuthenticator } from './qsslpresharedkeyauthenticator';

/**
 * Carries OpenSSL's question for a pre-shared key to the pskRequired listeners. OpenSSL is in the middle of a step
 * meanwhile: the association refuses other calls, and what a listener throws is held until the step is over.
 */
export class PskDialogue {
  readonly #ask: (authenticator: QSslPreSharedKeyAuthenticator) => void;
  #asking = false;
  #thrown: { readonly value: unknown } | null = null;

  constructor(ask: (authenticator: QSslPreSharedKeyAuthenticator) => void) {
    this.#ask = ask;
  }

  /** Whether a listener is running at this moment. */
  get asking(): boolean {
    return this.#asking;
  }

  /** Throws what a listener threw since the last call. */
  rethrow(): void {
    const thrown = this.#thrown;
    this.#thrown = null;
    if (thrown !== null) throw thrown.value;
  }

  /** For the native side: never throws. */
  readonly lookUp: NativePskLookup = (identityHint, identity, maximumIdentityLength, maximumPreSharedKeyLength) => {
    const limits = { maximumIdentityLength, maximumPreSharedKeyLength };
    const authenticator = new QSslPreSharedKeyAuthenticator({ identityHint, identity, ...limits });
    this.#asking = true;
    try {
      this.#ask(authenticator);
    } catch (error) {
      this.#thrown = { value: error };
      return null;
    } finally {
      this.#asking = false;
    }
    return [authenticator.identity(), authenticator.preSharedKey()];
  };
}
