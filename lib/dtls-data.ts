import type { DtlsAssociation } from './dtls-association';
import { openBatch, sealBatch } from './dtls-batches';
import { DtlsNegotiation } from './dtls-negotiation';
import {
  argumentOutOfRange,
  checkArrayOf,
  checkBytes,
  checkInstance,
  checkInt32Array,
  checkWritableBytes,
  type Bytes,
} from './internal/arguments';
import { checkSocket, type DatagramSocket } from './internal/datagram-socket';
import {
  hasRest,
  LONGEST_DATAGRAM,
  LONGEST_MESSAGE,
  open,
  openInPlace,
  openInto,
  seal,
  sealInto,
} from './internal/record-calls';
import { outbox } from './outbox';
import type { QDtls } from './qdtls';
import { QDtlsError } from './qdtlserror';

const EMPTY = Buffer.alloc(0);

/** What is private to the class, for the functions of this file. */
let associationOf: (dtls: DtlsData) => DtlsAssociation;

/** What a QDtls does when its handshake is complete. */
export class DtlsData extends DtlsNegotiation {
  readonly #association: DtlsAssociation;

  constructor(association: DtlsAssociation) {
    super(association);
    this.#association = association;
  }

  /**
   * Encrypts a message and sends it as one datagram. A message longer than maxPayload() may be fragmented by IP, or
   * lost.
   *
   * Returns the number of bytes of the message; 0, sending nothing, for an empty one. Returns -1 with
   * InvalidInputParameters (no socket, or more than 16384 bytes), InvalidOperation (not encrypted),
   * UnderlyingSocketError (the socket threw) or TlsFatalError (OpenSSL failed: HandshakeNotStarted).
   * @throws TypeError - for a socket without `send` or a message that is not bytes.
   *
   * Differs from Qt: a message that is too long is InvalidInputParameters, and the text says the limit. A `dgram.Socket`
   * refuses later, with 'socketError'; a connected one is asked about every 16th message, about one after a tenth of a
   * second, and about each one after a refusal.
   * Qt: QDtls::writeDatagramEncrypted
   */
  writeDatagramEncrypted(socket: DatagramSocket | null | undefined, dgram: Bytes): number {
    const association = this.#association;
    const target = checkSocket(socket);
    const message = checkBytes(dgram, 'dgram');
    if (target === null) {
      association.refuseWithoutSocket();
      return -1;
    }
    if (!canSeal(association, message)) return -1;
    const route = association.useSocket(target);
    const isDirect = route.isDirect(target);
    const datagram = isDirect ? sealedToPass(association, message) : sealed(association, message);
    if (datagram === null) return -1;
    if (datagram.length === 0) return 0;
    const isSent = isDirect ? association.sendOutbox(route, target, datagram) : association.send(route, target, datagram);
    return isSent ? message.length : tellRefusal(association);
  }

  /**
   * Encrypts a message, for those who send it by themselves. Returns the datagram, which may be kept; an empty Buffer for
   * an empty message, and with InvalidInputParameters (more than 16384 bytes), InvalidOperation (not encrypted) or
   * TlsFatalError (OpenSSL failed). Extension.
   *
   * @throws TypeError - for a message that is not bytes.
   */
  encryptDatagram(data: Bytes): Buffer {
    const association = this.#association;
    const message = checkBytes(data, 'data');
    return canSeal(association, message) ? (sealed(association, message) ?? EMPTY) : EMPTY;
  }

  /**
   * The same into memory of the caller: `out` must hold the message and 37 bytes more (29 with ChaCha20, up to 93 with CBC).
   * Returns the bytes of the datagram, 0 for an empty message, or -1 with InvalidOperation (not encrypted), TlsFatalError
   * (OpenSSL failed) or InvalidInputParameters (more than 16384 bytes, or an `out` that is too short: nothing is lost).
   * Extension.
   *
   * @throws TypeError - for a message that is not bytes, or an `out` that is no Uint8Array.
   */
  encryptDatagramInto(data: Bytes, out: Uint8Array): number {
    const association = this.#association;
    const message = checkBytes(data, 'data');
    const room = checkWritableBytes(out, 'out');
    if (!canSeal(association, message)) return -1;
    const length = sealInto(association.handle, message, room);
    return hasRest() && !concludeRest(association) ? -1 : length;
  }

  /**
   * Decrypts a datagram from the peer and returns its message. A datagram may hold several: the others wait in order
   * behind hasPendingDatagrams(), and are returned first if they were not fetched.
   *
   * Returns an empty Buffer with NoError for what is no valid message (garbage, a replay, a repeated handshake
   * flight, which is answered), with RemoteClosedConnectionError when the peer said goodbye and TlsFatalError when it
   * sent a fatal alert (both: HandshakeNotStarted), and with InvalidInputParameters (no socket) or InvalidOperation
   * (not encrypted). An empty datagram changes nothing.
   *
   * The message is cut from 64 KiB that it shares with others, as Buffers from Node's pool are: copy it
   * (`Buffer.from(message)`) to keep a short one for long.
   * @throws TypeError - for a socket without `send` or a datagram that is not bytes.
   *
   * Differs from Qt: no record of a datagram is lost or comes late; a fatal alert ends the association at once; the
   * peer cannot renegotiate.
   * Qt: QDtls::decryptDatagram
   */
  decryptDatagram(socket: DatagramSocket | null | undefined, dgram: Bytes): Buffer {
    const association = this.#association;
    const target = checkSocket(socket);
    const datagram = checkBytes(dgram, 'dgram');
    if (target === null) {
      association.refuseWithoutSocket();
      return EMPTY;
    }
    if (!canOpen(association, datagram)) return EMPTY;
    association.useSocket(target);
    const message = open(association.handle, datagram);
    return isQuiet(association) ? message : takeNext(association, message);
  }

  /**
   * decryptDatagram() without copying: the message replaces the beginning of its datagram and is returned as a view of it.
   * What has to be answered goes to the socket of the last call that had one. Errors are those of decryptDatagram(), such as
   * InvalidOperation (not encrypted). Extension.
   *
   * @throws TypeError - unless the datagram is a Uint8Array.
   */
  decryptDatagramInPlace(datagram: Uint8Array): Buffer {
    const association = this.#association;
    const memory = checkWritableBytes(datagram, 'datagram');
    if (!canOpen(association, memory)) return EMPTY;
    const message = openInPlace(association.handle, memory);
    // The datagram is the caller's, and so is what lies in it: what has to wait must be a copy.
    return isQuiet(association) ? message : takeNext(association, Buffer.from(message));
  }

  /**
   * decryptDatagram() into memory of the caller. Returns the bytes of the message; 0 where decryptDatagram() returns an
   * empty Buffer with NoError; -1 with an error, such as InvalidOperation (not encrypted). A message that `out` has no room
   * for is not lost: -1 with InvalidInputParameters, and it waits behind hasPendingDatagrams(). Extension.
   *
   * @throws TypeError - for a datagram that is not bytes, or an `out` that is no Uint8Array.
   */
  decryptDatagramInto(datagram: Bytes, out: Uint8Array): number {
    const association = this.#association;
    const bytes = checkBytes(datagram, 'datagram');
    const room = checkWritableBytes(out, 'out');
    if (!canOpen(association, bytes)) return association.isEncrypted() ? 0 : -1;
    if (association.pending.length > 0 || bytes.length > LONGEST_DATAGRAM) {
      return deliver(association, takeNext(association, open(association.handle, bytes)), room);
    }
    const length = openInto(association.handle, bytes, room);
    if (!hasRest()) return length;
    // Memory that somebody has detached has no parts.
    return deliver(association, takeNext(association, length > 0 ? Buffer.from(room.subarray(0, length)) : EMPTY), room);
  }

  /**
   * Encrypts many messages in one call. They lie one behind the other in `messages`, and `lengths` has the bytes of each;
   * the datagrams are put one behind the other into `out`, and the bytes of each into `sizes`: 0 for an empty message, and
   * where there is no datagram (dtlsError() says why; `out` was full, for example). Returns how many datagrams there are;
   * -1 with InvalidOperation (not encrypted). Extension.
   *
   * @throws TypeError, RangeError - for anything but Uint8Arrays that do not overlap and Int32Arrays of one length, for
   * lengths outside of 0 to 16384, and for more bytes than `messages` has.
   */
  encryptDatagrams(messages: Uint8Array, lengths: Int32Array, out: Uint8Array, sizes: Int32Array): number {
    const association = this.#association;
    return isEncrypted(association) ? sealBatch([association], { input: messages, lengths, sizes }, out) : -1;
  }

  /**
   * Decrypts many datagrams in one call, where they are. They lie one behind the other in `datagrams`, and `lengths` has the
   * bytes of each. The message of each replaces the beginning of its datagram, and `sizes` gets its bytes: 0 where
   * decryptDatagram() would return an empty Buffer. The further messages of a datagram wait behind hasPendingDatagrams().
   * Returns how many messages there are; -1 with InvalidOperation (not encrypted). Extension.
   *
   * @throws TypeError, RangeError - for anything but a Uint8Array and Int32Arrays of one length, for negative lengths, and
   * for more bytes than `datagrams` has.
   */
  decryptDatagramsInPlace(datagrams: Uint8Array, lengths: Int32Array, sizes: Int32Array): number {
    const association = this.#association;
    return isEncrypted(association) ? openBatch([association], { input: datagrams, lengths, sizes }) : -1;
  }

  /**
   * encryptDatagrams() with an association for each message; one may come several times. Those that are not encrypted give
   * no datagram. Returns how many datagrams there are. Extension.
   *
   * @throws TypeError, RangeError - as encryptDatagrams(), and unless there are as many associations as lengths.
   */
  static encryptMany(
    associations: readonly QDtls[],
    messages: Uint8Array,
    lengths: Int32Array,
    out: Uint8Array,
    sizes: Int32Array,
  ): number {
    return sealBatch(associationsOf(associations, lengths), { input: messages, lengths, sizes }, out);
  }

  /**
   * decryptDatagramsInPlace() with an association for each datagram; one may come several times.
   * Returns how many messages there are. Extension.
   *
   * @throws TypeError, RangeError - as decryptDatagramsInPlace(), and unless there are as many associations as lengths.
   */
  static decryptMany(
    associations: readonly QDtls[],
    datagrams: Uint8Array,
    lengths: Int32Array,
    sizes: Int32Array,
  ): number {
    return openBatch(associationsOf(associations, lengths), { input: datagrams, lengths, sizes });
  }

  /** Whether messages wait that came with an earlier datagram. Extension. Source: RFC 6347 section 4.1.1 */
  hasPendingDatagrams(): boolean {
    return this.#association.pending.length > 0;
  }

  /**
   * The next message that came with an earlier datagram: after the handshake (the peer may speak at once), or beside
   * the one that decryptDatagram() returned. An empty Buffer if there is none. Extension.
   * Source: RFC 6347 section 4.1.1
   */
  nextPendingDatagram(): Buffer {
    return this.#association.pending.shift() ?? EMPTY;
  }

  /**
   * The largest message, in bytes, whose datagram is no longer than the MTU (mtuHint(), or 576); 0 unless encrypted.
   * Extension. Source: DTLS_get_data_mtu
   */
  maxPayload(): number {
    const { connection } = this.#association;
    if (connection === null || !this.#association.isEncrypted()) return 0;
    this.#association.tellMtu(connection);
    return Math.min(connection.maximumPayload(), LONGEST_MESSAGE);
  }

  /**
   * Gives back some 33 KiB of buffers of an association that will be idle for a while; the next message or datagram gets
   * new ones. Does nothing unless encrypted. Extension. Source: SSL_free_buffers
   */
  trim(): void {
    if (this.#association.isEncrypted()) this.#association.connection?.trim();
  }

  static {
    associationOf = (dtls) => dtls.#association;
  }
}

// Functions and no methods, for V8 to find less to check: a private method looks at its object first. Short ones, with what is
// rare apart, here and in what they call: V8 inlines so many bytes of code and no more, whether they are run or not.

function isEncrypted(association: DtlsAssociation): boolean {
  return association.isEncrypted() || association.refuseUnencrypted();
}

function canSeal(association: DtlsAssociation, message: Uint8Array): boolean {
  if (!isEncrypted(association)) return false;
  const { slot } = association;
  slot.clear();
  return message.length <= LONGEST_MESSAGE || refuseLong(association);
}

function refuseLong({ slot }: DtlsAssociation): false {
  return slot.fail(QDtlsError.InvalidInputParameters, `a datagram holds at most ${LONGEST_MESSAGE} bytes`);
}

function sealed(association: DtlsAssociation, message: Uint8Array): Buffer | null {
  const datagram = seal(association.handle, message);
  return hasRest() && !concludeRest(association) ? null : datagram;
}

/** The same in the outbox: good until the next one is. */
function sealedToPass(association: DtlsAssociation, message: Uint8Array): Buffer | null {
  const length = sealInto(association.handle, message, outbox.memory);
  return hasRest() && !concludeRest(association) ? null : outbox.datagram(length);
}

/** The socket's, of a message. */
function tellRefusal(association: DtlsAssociation): -1 {
  association.announce();
  return -1;
}

function concludeRest(association: DtlsAssociation): boolean {
  const isGoing = association.concludeRest();
  association.announce();
  return isGoing;
}

/** An empty datagram changes nothing. */
function canOpen(association: DtlsAssociation, datagram: Uint8Array): boolean {
  if (!isEncrypted(association) || datagram.length === 0) return false;
  association.slot.clear();
  return true;
}

/** Whether the message of the last call is all there is to tell. */
function isQuiet({ pending }: DtlsAssociation): boolean {
  return !hasRest() && pending.length === 0;
}

/** Puts the message of the last call behind those that wait, draws the consequences of the call, and returns the oldest. */
function takeNext(association: DtlsAssociation, message: Buffer): Buffer {
  const { pending } = association;
  if (message.length > 0) pending.push(message);
  if (hasRest()) association.concludeRest();
  association.announce(); // a listener that throws leaves the message waiting
  return pending.shift() ?? EMPTY;
}

function deliver({ slot, pending }: DtlsAssociation, message: Buffer, room: Uint8Array): number {
  if (message.length === 0) return slot.error === QDtlsError.NoError ? 0 : -1;
  if (message.length <= room.length) {
    room.set(message);
    return message.length;
  }
  pending.unshift(message);
  if (slot.error !== QDtlsError.NoError) return -1; // the association has ended, which matters more
  const text = `"out" has room for ${room.length} bytes, and the message has ${message.length}`;
  slot.fail(QDtlsError.InvalidInputParameters, text);
  return -1;
}

function associationsOf(list: unknown, lengths: unknown): DtlsAssociation[] {
  const { length } = checkInt32Array(lengths, 'lengths');
  const all = checkArrayOf(list, (element, name) => checkInstance(element, DtlsData, name), 'associations');
  if (all.length !== length) {
    throw argumentOutOfRange('associations', `of as many elements as lengths, ${length}`, all.length);
  }
  return all.map((dtls) => associationOf(dtls));
}
