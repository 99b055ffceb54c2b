import type { QDtlsEvents } from '../index';
import { QDtls } from '../qdtls';
import type { SslMode } from '../qsslsocket';

/** Whom a QDtls tells what each of its owners must hear. */
export interface DtlsOwner {
  /** It has a new state. */
  stateChanged(): void;
  /** The peer has not answered in time. */
  timedOut(): void;
}

/** A QDtls with one owner. Listeners would be a table, two functions and what they share for each of thousands of sessions. */
export class OwnedDtls extends QDtls {
  readonly #owner: DtlsOwner;

  constructor(mode: SslMode, owner: DtlsOwner) {
    super(mode);
    this.#owner = owner;
  }

  override emit<K>(event: keyof QDtlsEvents | K, ...values: K extends keyof QDtlsEvents ? QDtlsEvents[K] : never): boolean {
    if (event === 'handshakeStateChanged') this.#owner.stateChanged();
    else if (event === 'handshakeTimeout') this.#owner.timedOut();
    else return super.emit(event, ...values);
    return true;
  }
}
