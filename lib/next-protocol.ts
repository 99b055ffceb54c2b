import type { DtlsAssociation } from './dtls-association';
import { HandshakeState } from './handshake-state';
import { argumentOutOfRange, checkArrayOf, copyBytes } from './internal/arguments';
import { NextProtocolNegotiationStatus } from './qssl';

const LONGEST_NAME = 255;
const LONGEST_LIST = 65_535;

/** What two sides made of the application protocols (ALPN) that they have. */
export interface NextProtocol {
  /** Empty unless the status is Negotiated. */
  readonly name: Buffer;
  readonly status: NextProtocolNegotiationStatus;
}

/** Of a side that has none, or whose handshake is not over. */
export const NO_NEXT_PROTOCOL: NextProtocol = {
  name: Buffer.alloc(0),
  status: NextProtocolNegotiationStatus.NextProtocolNegotiationNone,
};

const UNSUPPORTED: NextProtocol = {
  name: Buffer.alloc(0),
  status: NextProtocolNegotiationStatus.NextProtocolNegotiationUnsupported,
};

/** What an association and its peer have agreed on. Read when asked for: OpenSSL keeps it anyway. */
export function nextProtocolOf({ connection, settings, state }: DtlsAssociation): NextProtocol {
  const isOver = connection !== null && state !== HandshakeState.HandshakeInProgress;
  if (!isOver || settings.allowedNextProtocols.length === 0) return NO_NEXT_PROTOCOL;
  const name = connection.applicationProtocol();
  if (name.length === 0) return UNSUPPORTED;
  return { name, status: NextProtocolNegotiationStatus.NextProtocolNegotiationNegotiated };
}

export function sameNextProtocol(a: NextProtocol, b: NextProtocol): boolean {
  return a.status === b.status && a.name.equals(b.name);
}

/** Returns copies of the names of protocols; throws a TypeError or RangeError for what ALPN has no room for. */
export function checkNextProtocols(protocols: unknown): Buffer[] {
  const checked = checkArrayOf(protocols, checkName, 'protocols');
  const total = checked.reduce((sum, { length }) => sum + 1 + length, 0); // each behind a byte with its length
  if (total <= LONGEST_LIST) return checked;
  throw argumentOutOfRange('protocols', `at most ${LONGEST_LIST} bytes, one more than its length for each name`, total);
}

function checkName(value: unknown, name: string): Buffer {
  const bytes = copyBytes(value, name);
  if (bytes.length >= 1 && bytes.length <= LONGEST_NAME) return bytes;
  throw argumentOutOfRange(name, `of 1 to ${LONGEST_NAME} bytes`, bytes.length);
}
