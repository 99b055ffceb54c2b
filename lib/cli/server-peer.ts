import type { Association } from './association';
import type { AssociationStatus } from './association-status';
import { clientHelloRandom, looksEncrypted } from '../endpoint/client-hello';

/** An association and the random of the ClientHello that began it. */
interface Attempt {
  readonly association: Association;
  readonly random: string;
}

/**
 * What a server holds for one address and port: the association that serves the client, and one whose
 * handshake is under way. Both exist at once when a client starts again without having said goodbye: the
 * old association lives until the new one is complete (RFC 6347 section 4.2.8), because a hello alone,
 * verified or not, may be a replay.
 */
export class ServerPeer {
  #serving: Attempt | null = null;
  #starting: Attempt | null = null;

  get empty(): boolean {
    return this.#serving === null && this.#starting === null;
  }

  /** Whether a handshake is under way. */
  get starting(): boolean {
    return this.#starting !== null;
  }

  /** Cipher and protocol of the serving association, '' without one. */
  get session(): string {
    return this.#serving?.association.session ?? '';
  }

  /** How the serving association stands, or the one that begins; null without any. */
  status(): AssociationStatus | null {
    return (this.#serving ?? this.#starting)?.association.status() ?? null;
  }

  /** Whether the datagram is for the serving association, and cheap enough to be taken out of turn. */
  takesAtOnce(datagram: Buffer): boolean {
    return this.#serving !== null && looksEncrypted(datagram);
  }

  /** Whether the datagram is a ClientHello of an attempt that is not known here. */
  isNewAttempt(datagram: Buffer): boolean {
    const random = clientHelloRandom(datagram);
    return random !== null && random !== this.#serving?.random && random !== this.#starting?.random;
  }

  /** Starts a handshake from a ClientHello, in place of one that is under way. */
  start(association: Association, hello: Buffer): void {
    const previous = this.#starting;
    this.#starting = { association, random: clientHelloRandom(hello) ?? '' };
    previous?.association.abandon();
    association.start(hello);
  }

  /** Passes a datagram to the association that it is for. */
  receive(datagram: Buffer): void {
    const preferred = looksEncrypted(datagram) ? this.#serving : this.#starting;
    (preferred ?? this.#serving ?? this.#starting)?.association.receive(datagram);
  }

  /**
   * The starting association is complete: it serves from now on. Returns the one whose place it takes, or
   * null.
   */
  promote(): Association | null {
    const replaced = this.#serving;
    this.#serving = this.#starting;
    this.#starting = null;
    return replaced?.association ?? null;
  }

  /** Forgets an association that is over. */
  remove(association: Association): void {
    if (this.#serving?.association === association) this.#serving = null;
    if (this.#starting?.association === association) this.#starting = null;
  }

  /** Ends both associations from this side. */
  close(): void {
    this.#starting?.association.close();
    this.#serving?.association.close();
  }
}
