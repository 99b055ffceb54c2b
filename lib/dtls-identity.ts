import type { DtlsAssociation } from './dtls-association';
import { DtlsSettings } from './dtls-settings';
import { HandshakeState } from './handshake-state';
import { argumentOutOfRange, checkString } from './internal/arguments';
import { parseHostName } from './internal/host-name';
import { QDtlsError } from './qdtlserror';
import { SslMode } from './qsslsocket';
import { sentServerName } from './sessions';

const LONGEST_NAME = 255;

/** The form in which a name is sent (RFC 6066 section 3): A-labels without a final dot; '' for what must not be sent. */
function nameOnTheWire(name: string): string {
  const host = parseHostName(name);
  if (host === null) return name;
  return host.kind === 'ip' ? '' : host.name.replace(/\.$/, '');
}

/** What a QDtls says about who it talks to, and whether they met before. */
export abstract class DtlsIdentity extends DtlsSettings {
  readonly #association: DtlsAssociation;

  constructor(association: DtlsAssociation) {
    super(association);
    this.#association = association;
  }

  /**
   * Sets the name that a client asks the server for, so that one with several identities shows the right one; '' (the
   * default) for none. It is sent unencrypted, and proves nothing: the certificate is checked for the name of setPeer(). An
   * address is not sent, and nothing is with SslOptionDisableServerNameIndication. Extension.
   *
   * Returns false with InvalidOperation on a server, and once the handshake has begun.
   * @throws TypeError, RangeError - unless it is a string of at most 255 bytes without NUL.
   * Source: RFC 6066 section 3, SSL_set_tlsext_host_name
   */
  setServerName(name: string): boolean {
    const wire = nameOnTheWire(checkString(name, 'name'));
    if (Buffer.byteLength(wire) > LONGEST_NAME || wire.includes('\0')) {
      throw argumentOutOfRange('name', `a name of at most ${LONGEST_NAME} bytes without NUL`, name);
    }
    const { mode, slot, state } = this.#association;
    if (mode === SslMode.SslServerMode) return slot.fail(QDtlsError.InvalidOperation, 'a server asks for no name');
    if (state !== HandshakeState.HandshakeNotStarted) {
      return slot.fail(QDtlsError.InvalidOperation, 'the server name cannot be changed once the handshake has begun');
    }
    this.#association.serverName = wire;
    slot.clear();
    return true;
  }

  /**
   * On a client the name that it sends; on a server the name that the client sent, once its hello was read and until the
   * association ends. '' if there is none. Extension.
   */
  serverName(): string {
    const { mode, settings, serverName, connection } = this.#association;
    return mode === SslMode.SslServerMode ? (connection?.serverName() ?? '') : sentServerName(settings, serverName);
  }

  /**
   * Whether the handshake that is complete continued an earlier session: nobody has shown a certificate or a pre-shared key
   * anew. False before and after. Extension. Source: SSL_session_reused
   */
  isSessionReused(): boolean {
    const { state, connection } = this.#association;
    const isOver = state === HandshakeState.HandshakeComplete || state === HandshakeState.PeerVerificationFailed;
    return isOver && connection !== null && connection.isResumed();
  }
}
