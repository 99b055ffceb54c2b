import { ContentType, handshakeOf, recordsOf, type HandshakeFragment } from './dtls-records';

const HANDSHAKE: number = ContentType.Handshake;
const HEADER = 12;

/** The messages, or parts of messages, that some datagrams show to everybody, in order. */
export function messagesOf(...datagrams: readonly Buffer[]): HandshakeFragment[] {
  return datagrams
    .flatMap(recordsOf)
    .filter(({ type, epoch }) => type === HANDSHAKE && epoch === 0)
    .map(handshakeOf);
}

/** A message in one piece (RFC 6347 section 4.2.2). */
export function makeMessage(type: number, messageSequence: number, body: Uint8Array): Buffer {
  const header = Buffer.alloc(HEADER);
  header.writeUInt8(type, 0);
  header.writeUIntBE(body.length, 1, 3);
  header.writeUInt16BE(messageSequence, 4);
  header.writeUIntBE(body.length, 9, 3);
  return Buffer.concat([header, body]);
}
