/** What marks the bytes of `session.session`. */
const MARK = Buffer.from('qdtls session 1\0');

/** What a client keeps of a session: whom it was verified to be, and OpenSSL's own encoding. */
export interface SavedSession {
  readonly identity: string;
  readonly encoding: Buffer;
}

/**
 * A resumed handshake shows no certificate: the identity of the first one is inherited. So it travels with the session, and
 * connect() compares it.
 */
export function packSession({ identity, encoding }: SavedSession): Buffer {
  const name = Buffer.from(identity);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(name.length);
  return Buffer.concat([MARK, length, name, encoding]);
}

/** Null for anything that packSession() did not make. */
export function unpackSession(bytes: Buffer): SavedSession | null {
  const start = MARK.length + 2;
  if (bytes.length < start || !MARK.equals(bytes.subarray(0, MARK.length))) return null;
  const end = start + bytes.readUInt16BE(MARK.length);
  if (bytes.length <= end) return null;
  return { identity: bytes.toString('utf8', start, end), encoding: Buffer.from(bytes.subarray(end)) };
}
