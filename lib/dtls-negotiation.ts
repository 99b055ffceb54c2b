import type { DtlsAssociation } from './dtls-association';
import { DtlsIdentity } from './dtls-identity';
import { HandshakeState } from './handshake-state';
import { argumentOutOfRange, checkBytes, checkString, checkUint, type Bytes } from './internal/arguments';
import { QDtlsError } from './qdtlserror';

const EMPTY = Buffer.alloc(0);
const LONGEST_EXPORT = 65_536;
const LONGEST_CONTEXT = 65_535;

/** What a QDtls has agreed on with its peer beside the cipher suite, and keys for other protocols made from it. */
export abstract class DtlsNegotiation extends DtlsIdentity {
  readonly #association: DtlsAssociation;

  constructor(association: DtlsAssociation) {
    super(association);
    this.#association = association;
  }

  /**
   * OpenSSL's name of the agreed DTLS-SRTP profile; '' before the handshake has ended, and where the peers have none in
   * common. Extension. Source: RFC 5764 section 4.1.1, SSL_get_selected_srtp_profile
   */
  srtpProfile(): string {
    const { connection, state } = this.#association;
    return connection === null || state === HandshakeState.HandshakeInProgress ? '' : connection.srtpProfile();
  }

  /**
   * Makes keys for another protocol from the secrets of this association: both sides get the same bytes for the same
   * arguments, nobody else does. DTLS-SRTP takes "EXTRACTOR-dtls_srtp" and no context.
   *
   * Returns an empty Buffer with InvalidOperation unless encrypted, and with InvalidInputParameters for a label that
   * TLS keeps for itself ("key expansion" and others) and where OpenSSL has no room for label and context: 958 bytes
   * together always fit, and Node 20 takes no more. Extension.
   *
   * @param length - Bytes wanted, 1 to 65536.
   * @param label - Says what the keys are for, taken as UTF-8. Registered ones are ASCII.
   * @param context - Mixed in, at most 65535 bytes. An empty one gives other keys than none.
   * @throws TypeError, RangeError - for anything else.
   * Source: RFC 5705 section 4, SSL_export_keying_material
   */
  exportKeyingMaterial(length: number, label: string, context?: Bytes): Buffer {
    const checkedLength = checkUint(length, 'length', { min: 1, max: LONGEST_EXPORT });
    const labelBytes = Buffer.from(checkString(label, 'label'));
    const contextBytes = context === undefined ? null : checkContext(context);
    const { connection, slot } = this.#association;
    if (connection === null || !this.#association.isEncrypted()) {
      this.#association.refuseUnencrypted();
      return EMPTY;
    }
    slot.clear();
    const keys = connection.exportKeys(checkedLength, labelBytes, contextBytes);
    if (typeof keys !== 'string') return keys;
    slot.fail(QDtlsError.InvalidInputParameters, keys);
    return EMPTY;
  }
}

function checkContext(value: unknown): Uint8Array {
  const bytes = checkBytes(value, 'context');
  if (bytes.length <= LONGEST_CONTEXT) return bytes;
  throw argumentOutOfRange('context', `of at most ${LONGEST_CONTEXT} bytes`, bytes.length);
}
