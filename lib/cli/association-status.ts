import type { QDtls, QDtlsStatistics } from '../index';
import { describeProtocol } from './describe';

/** What the two sides of an association agreed on; empty texts and zeros before that. */
export interface Agreement {
  /** OpenSSL's name of the cipher suite. */
  readonly cipher: string;
  readonly protocol: string;
  /** Bytes of the largest message whose datagram is no longer than the MTU. */
  readonly maxPayload: number;
}

/** How an association stands. */
export interface AssociationStatus extends Agreement {
  readonly encrypted: boolean;
  /** Bytes of the largest datagram of a handshake. */
  readonly mtu: number;
  readonly statistics: QDtlsStatistics;
}

/** See QDtls.maxPayload(). */
const MTU_WITHOUT_HINT = 576;

export const NOTHING_AGREED: Agreement = { cipher: '', protocol: '', maxPayload: 0 };

/** What was agreed on with an association that is encrypted. */
export function agreementOf(dtls: QDtls): Agreement {
  return {
    cipher: dtls.sessionCipher().name(),
    protocol: describeProtocol(dtls.sessionProtocol()),
    maxPayload: dtls.maxPayload(),
  };
}

/** How the association stands, with what was agreed on at its beginning, which outlives its end. */
export function statusOf(dtls: QDtls, agreement: Agreement): AssociationStatus {
  return {
    ...agreement,
    encrypted: dtls.isConnectionEncrypted(),
    mtu: dtls.mtuHint() === 0 ? MTU_WITHOUT_HINT : dtls.mtuHint(),
    statistics: dtls.statistics(),
  };
}
