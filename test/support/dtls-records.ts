// Reads and writes the wire format of DTLS 1.2 (RFC 6347 sections 4.1 and 4.2.2), as far as tests need it.

/** RFC 5246 section 6.2.1 */
export enum ContentType {
  ChangeCipherSpec = 20,
  Alert = 21,
  Handshake = 22,
  ApplicationData = 23,
}

/** RFC 5246 section 7.2 */
export enum AlertLevel {
  Warning = 1,
  Fatal = 2,
}

/** RFC 5246 section 7.2, RFC 4279 section 6 */
export enum AlertDescription {
  CloseNotify = 0,
  HandshakeFailure = 40,
  ProtocolVersion = 70,
  UserCanceled = 90,
  UnknownPskIdentity = 115,
}

/** RFC 5246 section 7.4, RFC 6347 section 4.3.2 */
export enum HandshakeType {
  ClientHello = 1,
  ServerHello = 2,
  HelloVerifyRequest = 3,
}

const RECORD_HEADER = 13;
const HANDSHAKE_HEADER = 12;

/** One record of a datagram; the fragment is still encrypted in epochs above 0. */
export interface DtlsRecord {
  readonly type: number;
  readonly version: number;
  readonly epoch: number;
  readonly sequence: number;
  readonly fragment: Buffer;
}

/** One message, or a part of one, of a record of epoch 0. */
export interface HandshakeFragment {
  readonly type: number;
  readonly length: number;
  readonly messageSequence: number;
  readonly fragmentOffset: number;
  readonly body: Buffer;
}

/** The records of a datagram. Throws if their lengths do not add up to it. */
export function recordsOf(datagram: Buffer): DtlsRecord[] {
  const records: DtlsRecord[] = [];
  for (let start = 0; start < datagram.length; ) {
    const end = start + RECORD_HEADER + datagram.readUInt16BE(start + 11);
    if (end > datagram.length) throw new Error('a record is longer than its datagram');
    records.push({
      type: datagram.readUInt8(start),
      version: datagram.readUInt16BE(start + 1),
      epoch: datagram.readUInt16BE(start + 3),
      sequence: datagram.readUIntBE(start + 5, 6),
      fragment: datagram.subarray(start + RECORD_HEADER, end),
    });
    start = end;
  }
  return records;
}

/** The only record of a datagram. Throws if there are more. */
export function onlyRecordOf(datagram: Buffer): DtlsRecord {
  const [record, ...more] = recordsOf(datagram);
  if (record === undefined || more.length > 0) throw new Error('one record was expected');
  return record;
}

/** The message, or its part, that is a record's whole fragment. */
export function handshakeOf({ fragment }: DtlsRecord): HandshakeFragment {
  const body = fragment.subarray(HANDSHAKE_HEADER);
  if (body.length !== fragment.readUIntBE(9, 3)) throw new Error('a record holds several messages');
  return {
    type: fragment.readUInt8(0),
    length: fragment.readUIntBE(1, 3),
    messageSequence: fragment.readUInt16BE(4),
    fragmentOffset: fragment.readUIntBE(6, 3),
    body,
  };
}

/** A record as it is sent. */
export function makeRecord(type: number, fragment: Uint8Array, epoch = 0, sequence = 0): Buffer {
  const header = Buffer.alloc(RECORD_HEADER);
  header.writeUInt8(type, 0);
  header.writeUInt16BE(0xfefd, 1);
  header.writeUInt16BE(epoch, 3);
  header.writeUIntBE(sequence, 5, 6);
  header.writeUInt16BE(fragment.length, 11);
  return Buffer.concat([header, fragment]);
}

/** An alert that is neither encrypted nor authenticated, as anybody can send it. */
export function makePlaintextAlert(level: AlertLevel, description: AlertDescription, sequence = 0): Buffer {
  return makeRecord(ContentType.Alert, Buffer.from([level, description]), 0, sequence);
}
