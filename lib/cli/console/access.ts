import { randomBytes, timingSafeEqual } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';

/** Bytes of chance in the page's address: what nobody guesses. */
const TOKEN_BYTES = 24;

/** A path that only those know who were told. */
export function createToken(): string {
  return randomBytes(TOKEN_BYTES).toString('base64url');
}

/** What is below the token's folder, or null for a path that is not. Takes the same time for every wrong token. */
export function pathBelow(token: string, url: string): string | null {
  const [, given = '', ...rest] = url.split('?', 1).join('').split('/');
  const [expected, actual] = [Buffer.from(token), Buffer.from(given)];
  if (expected.length !== actual.length || !timingSafeEqual(expected, actual)) return null;
  // Without the last slash the page's own addresses would be relative to something else.
  return rest.length === 0 ? null : rest.join('/');
}

/**
 * Why a request is not from our own page, or '' when it is. Other pages in the same browser can send requests to
 * loopback addresses: a browser tells their origin, and the name under which they found us, which is theirs when
 * they have let their own name point here (DNS rebinding).
 */
export function refusal(headers: IncomingHttpHeaders, port: number): string {
  const { host = '', origin } = headers;
  const names = [`127.0.0.1:${port}`, `localhost:${port}`];
  if (!names.includes(host)) return `expected the Host ${names.join(' or ')}`;
  if (origin !== undefined && origin !== `http://${host}`) return 'the request comes from another page';
  const site = headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin' && site !== 'none') return 'the request comes from another page';
  return '';
}
