// Writes the DER that certificates are made of (X.690).

/** An element of a tag with the given contents, one after the other. */
export function element(tag: number, ...contents: readonly Uint8Array[]): Buffer {
  const content = Buffer.concat(contents);
  return Buffer.concat([Buffer.from([tag]), length(content.length), content]);
}

function length(count: number): Buffer {
  if (count < 0x80) return Buffer.from([count]);
  const bytes = Buffer.from(evenHex(count.toString(16)), 'hex');
  return Buffer.concat([Buffer.from([0x80 | bytes.length]), bytes]);
}

function evenHex(digits: string): string {
  return digits.length % 2 === 0 ? digits : `0${digits}`;
}

export const sequence = (...contents: readonly Uint8Array[]): Buffer => element(0x30, ...contents);
export const set = (...contents: readonly Uint8Array[]): Buffer => element(0x31, ...contents);
export const octetString = (...contents: readonly Uint8Array[]): Buffer => element(0x04, ...contents);
export const utf8String = (text: string): Buffer => element(0x0c, Buffer.from(text, 'utf8'));
export const ia5String = (text: string): Buffer => element(0x16, Buffer.from(text, 'latin1'));
export const printableString = (text: string): Buffer => element(0x13, Buffer.from(text, 'latin1'));
export const derTrue: Buffer = element(0x01, Buffer.from([0xff]));

/** An element of a context-specific tag that holds other elements. */
export function context(tag: number, content: Uint8Array): Buffer {
  return element(0xa0 + tag, content);
}

/** An element of a context-specific tag that stands for the tag of a plain value. */
export function implicit(tag: number, content: Uint8Array): Buffer {
  return element(0x80 + tag, content);
}

/** A BIT STRING; unused bits at the end are counted by the caller. */
export function bitString(bytes: Uint8Array, unusedBits = 0): Buffer {
  return element(0x03, Buffer.from([unusedBits]), bytes);
}

/** An INTEGER that is not negative, given in hexadecimal. */
export function integer(hex: string): Buffer {
  const bytes = Buffer.from(evenHex(hex), 'hex');
  const isPadded = (bytes[0] ?? 0) >= 0x80 || bytes.length === 0;
  return element(0x02, isPadded ? Buffer.alloc(1) : Buffer.alloc(0), bytes);
}

/** An OBJECT IDENTIFIER in dotted form. */
export function objectIdentifier(dotted: string): Buffer {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number);
  return element(0x06, ...[first * 40 + second, ...rest].map(base128));
}

function base128(arc: number): Buffer {
  const bytes = [arc % 128];
  for (let rest = Math.floor(arc / 128); rest > 0; rest = Math.floor(rest / 128)) {
    bytes.unshift(0x80 | (rest % 128));
  }
  return Buffer.from(bytes);
}

/** A time as certificates have it: UTCTime until 2049, GeneralizedTime after (RFC 5280 section 4.1.2.5). */
export function time(date: Date): Buffer {
  const year = date.getUTCFullYear();
  const digits = date.toISOString().replace(/[-:T]/g, '').slice(0, 14);
  const isShort = year >= 1950 && year < 2050;
  return element(isShort ? 0x17 : 0x18, Buffer.from(`${isShort ? digits.slice(2) : digits}Z`));
}
