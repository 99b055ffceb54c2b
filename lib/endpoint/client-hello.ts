// Where the fields of a datagram's first record are (RFC 6347 sections 4.1 and 4.2.2).
const EPOCH = 3;
const HANDSHAKE_TYPE = 13;
const FRAGMENT_OFFSET = 19;
const RANDOM = 27;
const RANDOM_LENGTH = 32;

const CONTENT_ALERT = 21;
const CONTENT_HANDSHAKE = 22;
const CONTENT_APPLICATION_DATA = 23;
const MESSAGE_CLIENT_HELLO = 1;

/** Whether the first record is application data or an alert under encryption: of an association in use. */
export function looksEncrypted(datagram: Buffer): boolean {
  const first = datagram[0];
  if (first !== CONTENT_APPLICATION_DATA && first !== CONTENT_ALERT) return false;
  return datagram.length >= HANDSHAKE_TYPE && (datagram[EPOCH] !== 0 || datagram[EPOCH + 1] !== 0);
}

/**
 * The random of a plaintext ClientHello in hexadecimal, or null when the datagram does not begin with one,
 * or only with a later fragment. It names one attempt of a client: all hellos of a handshake carry the same
 * (RFC 6347 section 4.2.1), and a client that starts again takes another.
 */
export function clientHelloRandom(datagram: Buffer): string | null {
  if (datagram.length < RANDOM + RANDOM_LENGTH || datagram[0] !== CONTENT_HANDSHAKE) return null;
  if (datagram.readUInt16BE(EPOCH) !== 0 || datagram[HANDSHAKE_TYPE] !== MESSAGE_CLIENT_HELLO) return null;
  if (datagram.readUIntBE(FRAGMENT_OFFSET, 3) !== 0) return null;
  return datagram.toString('hex', RANDOM, RANDOM + RANDOM_LENGTH);
}
