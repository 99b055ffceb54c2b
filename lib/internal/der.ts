/** Identifier bytes of the ASN.1 types that certificates and keys are made of (X.690 section 8.1.2). */
export const tags = Object.freeze({
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  numericString: 0x12,
  printableString: 0x13,
  teletexString: 0x14,
  ia5String: 0x16,
  utcTime: 0x17,
  generalizedTime: 0x18,
  visibleString: 0x1a,
  universalString: 0x1c,
  bmpString: 0x1e,
  sequence: 0x30,
  set: 0x31,
});

/** One element of a DER encoding. Both views share the memory they were read from. */
export interface DerElement {
  /** The identifier byte: class, form and number of the type. */
  readonly tag: number;
  /** The content, without identifier and length. */
  readonly content: Buffer;
  /** The whole element. */
  readonly encoded: Buffer;
}

/** What is thrown for bytes that are not DER; it never leaves the function that parses them. */
export class DerError extends Error {}

/**
 * Reads the elements of an encoding one after the other. It takes single-byte tags and definite
 * lengths, which is all that X.509 needs; anything else is a DerError.
 */
export class DerReader {
  readonly #bytes: Buffer;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** True when no byte is left. */
  get done(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  /** The tag of the next element, -1 at the end. */
  get nextTag(): number {
    return this.#bytes[this.#offset] ?? -1;
  }

  /** Returns the next element, which must have the tag if one is given. */
  read(tag?: number): DerElement {
    const start = this.#offset;
    const found = this.#byte();
    if ((found & 0x1f) === 0x1f || (tag !== undefined && found !== tag)) throw new DerError('unexpected tag');
    const length = this.#length();
    const contentStart = this.#offset;
    const end = contentStart + length;
    if (end > this.#bytes.length) throw new DerError('truncated element');
    this.#offset = end;
    return {
      tag: found,
      content: this.#bytes.subarray(contentStart, end),
      encoded: this.#bytes.subarray(start, end),
    };
  }

  /** Returns the next element if it has the tag, and null without moving otherwise. */
  readOptional(tag: number): DerElement | null {
    return this.nextTag === tag ? this.read() : null;
  }

  /** Returns a reader of the content of the next element, which must have the tag. */
  enter(tag: number): DerReader {
    return new DerReader(this.read(tag).content);
  }

  #byte(): number {
    const byte = this.#bytes[this.#offset];
    if (byte === undefined) throw new DerError('truncated header');
    this.#offset += 1;
    return byte;
  }

  #length(): number {
    const first = this.#byte();
    if (first < 0x80) return first;
    const count = first & 0x7f;
    if (count === 0 || count > 4) throw new DerError('unsupported length');
    let length = 0;
    for (let i = 0; i < count; i += 1) length = length * 256 + this.#byte();
    return length;
  }
}

/** The encodings that stand one after the other in the bytes, up to the first that is broken. */
export function concatenatedDer(bytes: Uint8Array): Buffer[] {
  const reader = new DerReader(bytes);
  const encodings: Buffer[] = [];
  try {
    while (!reader.done) encodings.push(Buffer.from(reader.read(tags.sequence).encoded));
  } catch (error) {
    if (!(error instanceof DerError)) throw error;
  }
  return encodings;
}

/** The dotted form of the content of an OBJECT IDENTIFIER (X.690 section 8.19). */
export function derObjectIdentifier(content: Uint8Array): string {
  // An arc of n bytes takes n squared steps to read, and a peer may send a certificate of 100 kB.
  if (content.length > 128) throw new DerError('oversized object identifier');
  const arcs: bigint[] = [];
  let value = 0n;
  for (const byte of content) {
    value = value * 128n + BigInt(byte & 0x7f);
    if (byte >= 0x80) continue;
    arcs.push(value);
    value = 0n;
  }
  const [first = 0n, ...rest] = arcs;
  const root = first < 80n ? first / 40n : 2n;
  return [root, first - root * 40n, ...rest].join('.');
}

/** The text of a character string type, or null if the element is none or is malformed. */
export function derText({ tag, content }: DerElement): string | null {
  switch (tag) {
    case tags.utf8String:
      return content.toString('utf8');
    case tags.numericString:
    case tags.printableString:
    case tags.ia5String:
    case tags.visibleString:
    // T.61 in name, Latin-1 in every certificate that exists; OpenSSL's ASN1_STRING_to_UTF8 does the same.
    case tags.teletexString:
      return content.toString('latin1');
    case tags.bmpString:
      return content.length % 2 === 0 ? Buffer.from(content).swap16().toString('utf16le') : null;
    case tags.universalString:
      return utf32Text(content);
    default:
      return null;
  }
}

function utf32Text(content: Buffer): string | null {
  if (content.length % 4 !== 0) return null;
  let text = '';
  for (let i = 0; i < content.length; i += 4) {
    const codePoint = content.readUInt32BE(i);
    if (codePoint > 0x10ffff) return null;
    text += String.fromCodePoint(codePoint);
  }
  return text;
}

const utcTime = /^(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;
const generalizedTime = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/;

/** The instant of a UTCTime or GeneralizedTime in the forms of RFC 5280 section 4.1.2.5, or null. */
export function derTime({ tag, content }: DerElement): Date | null {
  if (tag !== tags.utcTime && tag !== tags.generalizedTime) return null;
  const pattern = tag === tags.utcTime ? utcTime : generalizedTime;
  const numbers = pattern.exec(content.toString('latin1'))?.slice(1).map(Number);
  if (numbers === undefined) return null;
  const [written = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = numbers;
  const century = written >= 50 ? 1900 : 2000;
  const date = new Date(0);
  date.setUTCFullYear(tag === tags.utcTime ? century + written : written, month - 1, day);
  date.setUTCHours(hour, minute, second);
  // A day or an hour that does not exist rolls over into the next one.
  const exact = date.getUTCMonth() === month - 1 && date.getUTCDate() === day && date.getUTCHours() === hour;
  return exact && minute < 60 && second < 60 ? date : null;
}

/** The encoding of an element. */
function encode(tag: number, content: Buffer): Buffer {
  const { length } = content;
  if (length < 0x80) return Buffer.concat([Buffer.from([tag, length]), content]);
  const digits = length.toString(16);
  const bytes = Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex');
  return Buffer.concat([Buffer.from([tag, 0x80 | bytes.length]), bytes, content]);
}

/** The encoding of an INTEGER that is not negative, given as its magnitude. */
export function derInteger(magnitude: Uint8Array): Buffer {
  const start = magnitude.findIndex((byte) => byte !== 0);
  const bytes = start < 0 ? Buffer.alloc(1) : Buffer.from(magnitude.subarray(start));
  const sign = (bytes[0] ?? 0) >= 0x80 ? Buffer.alloc(1) : Buffer.alloc(0);
  return encode(tags.integer, Buffer.concat([sign, bytes]));
}

/** The encoding of a SEQUENCE of encoded elements. */
export function derSequence(...elements: readonly Uint8Array[]): Buffer {
  return encode(tags.sequence, Buffer.concat(elements));
}
