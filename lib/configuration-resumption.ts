import { ConfigurationCredentials } from './configuration-credentials';
import { boxOf, change, dataOf } from './configuration-data';
import { argumentOutOfRange, checkBytes, copyBytes, type Bytes } from './internal/arguments';

/** OpenSSL's layout: a name of 16 bytes, an HMAC key of 32 and an AES key of 32. SSL_CTX_set_tlsext_ticket_keys */
const TICKET_KEYS = 80;
const LONGEST_ID_CONTEXT = 32;

/**
 * The part of a QSslConfiguration about sessions that are continued without a full handshake (RFC 5077). Off unless
 * `SslOptionDisableSessionPersistence` is turned off, and `SslOptionDisableSessionTickets` is.
 */
export abstract class ConfigurationResumption extends ConfigurationCredentials {
  /**
   * The session that a client offers. Read from an encrypted client with `dtlsConfiguration()`, and with session
   * persistence, it is the session of that association; empty if the server gave none. It holds the session's key: a secret.
   *
   * Differs from Qt: there it is empty for DTLS.
   * Qt: QSslConfiguration::sessionTicket
   */
  sessionTicket(): Buffer {
    return Buffer.from(dataOf(this).sessionTicket);
  }

  /**
   * Sets the session that a client offers: what `sessionTicket()` gave. Without session persistence it is stored and not
   * used. Bytes that are no session fail the start of the handshake (TlsInitializationError); a session that is over, that was
   * made with other checks, trust, suites or certificates, or that the server refuses, leads to a full handshake.
   *
   * @throws TypeError - unless it is a string or bytes.
   *
   * Differs from Qt: there it has no effect on DTLS.
   * Qt: QSslConfiguration::setSessionTicket
   */
  setSessionTicket(ticket: Bytes): void {
    const box = boxOf(this);
    // Not by change(): sessions come and go, and the TLS context is the same for all of them.
    box.data = { ...box.data, sessionTicket: copyBytes(ticket, 'ticket') };
  }

  /**
   * How long the server means to take the ticket, in seconds, when this was read from an encrypted client with session
   * persistence; -1 if it gave none, and otherwise. 0 is an unspecified time. Qt: QSslConfiguration::sessionTicketLifeTimeHint
   */
  sessionTicketLifeTimeHint(): number {
    return boxOf(this).ticketLifetime;
  }

  /** What a server seals tickets with; empty for random keys. A copy. Extension. */
  sessionTicketKeys(): Buffer {
    return Buffer.from(dataOf(this).sessionTicketKeys);
  }

  /**
   * Sets what a server seals tickets with, for several processes to take each other's: exactly 80 bytes, a name of 16, an
   * HMAC key of 32 and an AES key of 32; or empty, the default, for random ones that live as long as the TLS context. Who has
   * them reads the sessions of all tickets: change them often. Extension.
   *
   * @throws TypeError, RangeError - for anything else.
   * Source: SSL_CTX_set_tlsext_ticket_keys
   */
  setSessionTicketKeys(keys: Bytes): void {
    const bytes = checkBytes(keys, 'keys');
    if (bytes.length !== 0 && bytes.length !== TICKET_KEYS) {
      throw argumentOutOfRange('keys', `empty or of ${TICKET_KEYS} bytes`, bytes.length);
    }
    change(this, { sessionTicketKeys: Buffer.from(bytes) });
  }

  /** What the application says its sessions belong to; empty for its certificates. A copy. Extension. */
  sessionIdContext(): Buffer {
    return Buffer.from(dataOf(this).sessionIdContext);
  }

  /**
   * Sets what sessions belong to, at most 32 bytes, instead of the own certificates: empty, the default. Whatever it says, a
   * session is continued only under the verify mode and depth, the CA certificates, the protocol, the cipher suites and the
   * backend configuration that it was made with. Extension.
   *
   * @throws TypeError, RangeError - for anything else.
   * Source: SSL_CTX_set_session_id_context
   */
  setSessionIdContext(context: Bytes): void {
    const bytes = checkBytes(context, 'context');
    if (bytes.length > LONGEST_ID_CONTEXT) {
      throw argumentOutOfRange('context', `of at most ${LONGEST_ID_CONTEXT} bytes`, bytes.length);
    }
    change(this, { sessionIdContext: Buffer.from(bytes) });
  }
}
