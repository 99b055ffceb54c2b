import { isIPv4, isIPv6, SocketAddress } from 'node:net';

/** `'IPv4'` or `'IPv6'`, or '' for what is no IP literal. */
export function familyOf(address: string): string {
  if (isIPv4(address)) return 'IPv4';
  return isIPv6(address) ? 'IPv6' : '';
}

/** An address in the form that sockets give it: `::1`, not `0:0:0:0:0:0:0:1`. */
export function asSocketsSayIt(address: string): string {
  if (!isIPv6(address) || address.includes('%')) return address;
  return new SocketAddress({ address, family: 'ipv6' }).address;
}

/**
 * Whom limits per host count: an IPv4 address, mapped or not, or the /64 of an IPv6 one, which is what a single customer has
 * at the least (RFC 6177).
 */
export function hostOf(address: string): string {
  if (!address.includes(':')) return address;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address);
  if (mapped?.[1] !== undefined) return mapped[1];
  if (!isIPv6(address)) return address;
  const [head = ''] = address.split('%');
  const [before = '', after] = head.split('::');
  const left = before === '' ? [] : before.split(':');
  const right = after === undefined || after === '' ? [] : after.split(':');
  const zeros = after === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...new Array<string>(Math.max(0, zeros)).fill('0'), ...right];
  return `${groups.slice(0, 4).map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`;
}
