import { isIP } from 'node:net';
import { LONGEST_DURATION, parseDuration } from './durations';

/** How the text of one option becomes a value: `expected` completes the sentence "must be ...". */
export interface ValueParser<T> {
  readonly expected: string;
  /** Whether a refused text must not be repeated in the message. */
  readonly secret?: boolean;
  /** Returns undefined for a text that is not what was expected. */
  parse(text: string): T | undefined;
}

/** The largest number of bytes that OpenSSL takes as a pre-shared key (PSK_MAX_PSK_LEN). */
const LONGEST_KEY = 512;

/** The largest pre-shared key identity in bytes (PSK_MAX_IDENTITY_LEN of OpenSSL 3 without its NUL). */
const LONGEST_IDENTITY = 255;

export function wholeNumber(what: string, minimum: number, maximum: number): ValueParser<number> {
  return {
    expected: `${what} from ${minimum} to ${maximum}`,
    parse: (text) => {
      const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
      return value >= minimum && value <= maximum ? value : undefined;
    },
  };
}

/** A duration of at least `minimum` milliseconds. */
export function duration(minimum: number): ValueParser<number> {
  return {
    expected: `a duration with its unit, such as 500ms, 5s or 1m, from ${minimum}ms to 24 days`,
    parse: (text) => {
      const value = parseDuration(text);
      return value !== undefined && value >= minimum && value <= LONGEST_DURATION ? value : undefined;
    },
  };
}

export const anyText: ValueParser<string> = {
  expected: 'a text that is not empty',
  parse: (text) => (text === '' ? undefined : text),
};

export const ipAddress: ValueParser<string> = {
  expected: 'an IPv4 or IPv6 address of this machine, such as 0.0.0.0 or ::1',
  parse: (text) => (isIP(text) === 0 ? undefined : text),
};

export const hostName: ValueParser<string> = {
  expected: 'a host name or an IP address',
  parse: (text) => (/^[^\s/]{1,253}$/.test(text) ? text : undefined),
};

export const preSharedKey: ValueParser<Buffer> = {
  expected: `1 to ${LONGEST_KEY} bytes as hexadecimal digits, two for each byte, such as 1a2b3c4d5e6f`,
  secret: true,
  parse: (text) => {
    const isHex = /^(?:[0-9a-f]{2})+$/i.test(text) && text.length <= 2 * LONGEST_KEY;
    return isHex ? Buffer.from(text, 'hex') : undefined;
  },
};

export const pskIdentity: ValueParser<string> = {
  expected: `a text of 1 to ${LONGEST_IDENTITY} bytes`,
  parse: (text) => {
    const length = Buffer.byteLength(text);
    return length >= 1 && length <= LONGEST_IDENTITY ? text : undefined;
  },
};
