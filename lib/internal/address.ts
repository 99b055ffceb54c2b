import { isIPv4, isIPv6 } from 'node:net';

let lastText = '';
let lastBytes: Uint8Array | null = null;

/**
 * The bytes of an IP literal in network order: 4 for IPv4, 16 for IPv6 (an IPv4-mapped address is IPv6, a scope id is
 * left out); null when the text is neither. Not to be written to: the bytes of the last address are kept, because who is
 * let in is looked at three times.
 */
export function addressBytes(text: string): Uint8Array | null {
  if (text === lastText) return lastBytes;
  lastText = text;
  lastBytes = parse(text);
  return lastBytes;
}

function parse(text: string): Uint8Array | null {
  if (isIPv4(text)) return ipv4Bytes(text);
  return isIPv6(text) ? ipv6Bytes(text) : null;
}

function ipv4Bytes(text: string): Uint8Array {
  const bytes = new Uint8Array(4);
  let at = 0;
  let byte = 0;
  for (let index = 0; index < text.length; index += 1) {
    const digit = text.charCodeAt(index) - 0x30; // a dot is -2
    if (digit >= 0) byte = byte * 10 + digit;
    bytes[at] = byte;
    if (digit < 0) {
      at += 1;
      byte = 0;
    }
  }
  return bytes;
}

function ipv6Bytes(text: string): Uint8Array {
  const [unscoped = ''] = text.split('%');
  const [head = '', tail] = unscoped.split('::');
  const left = groups(head);
  const right = groups(tail ?? '');
  const zeros = new Array<number>(tail === undefined ? 0 : 8 - left.length - right.length).fill(0);
  return Uint8Array.from([...left, ...zeros, ...right].flatMap((group) => [group >> 8, group & 0xff]));
}

function groups(text: string): number[] {
  if (text === '') return [];
  return text.split(':').flatMap((group) => {
    if (!group.includes('.')) return [Number.parseInt(group, 16)];
    const [a = 0, b = 0, c = 0, d = 0] = group.split('.').map(Number);
    return [(a << 8) | b, (c << 8) | d];
  });
}

const MAPPED_PREFIX = Buffer.from('00000000000000000000ffff', 'hex');

/**
 * Whether datagrams to this address reach many: 255.255.255.255, 224.0.0.0/4, ff00::/8, and the IPv6 forms of the
 * IPv4 ones that a dual-stack socket sees.
 */
export function isBroadcastOrMulticast(address: Uint8Array): boolean {
  const [first = 0] = address;
  if (address.length === 16) {
    return first === 0xff || (MAPPED_PREFIX.equals(address.subarray(0, 12)) && isBroadcastOrMulticast(address.subarray(12)));
  }
  return (first >= 224 && first <= 239) || (first === 255 && address.every((byte) => byte === 255));
}
