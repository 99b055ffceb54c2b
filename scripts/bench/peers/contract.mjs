// What the conductor (peers.mjs) and the players agree on. A player is a process with one library in one role; it
// reads commands as lines of JSON and answers each with a line of JSON. The player of pion (pion/*.go) does so too.

/**
 * @typedef {'psk' | 'ecdsa'} Credential
 *
 * What a player is started with, as JSON in its first argument.
 * @typedef {object} Setting
 * @property {string} library
 * @property {string} folder where the library is installed
 * @property {Credential} credential
 * @property {number} suite the only cipher suite to be offered and taken, by its registered number
 * @property {string} identity of the pre-shared key
 * @property {string} key the pre-shared key in hexadecimal
 * @property {string} certificate in PEM, of the server
 * @property {string} privateKey in PEM, of the server
 *
 * The commands and their answers; any answer may be `{ error }` instead.
 * @typedef {object} Commands
 * @property {{ asks: {}, answers: { port: number } }} listen serve, echoing every message
 * @property {{ asks: {}, answers: Count }} served handshakes served since the last time
 * @property {{ asks: {}, answers: {} }} forget drop the associations served
 * @property {{ asks: {}, answers: { microseconds: number } }} cpu of this process since it began
 * @property {{ asks: {}, answers: Memory }} memory after a garbage collection
 * @property {{ asks: Order & { milliseconds: number }, answers: Handshakes }} handshakes make and close associations
 * @property {{ asks: Order & { milliseconds: number, size: number }, answers: Echoes }} echo over one association
 * @property {{ asks: Order & { count: number }, answers: Handshakes }} open associations that stay, one echo on each
 *
 * @typedef {{ port: number, atOnce: number }} Order atOnce: handshakes under way, or messages
 * @typedef {{ rss: number, heap: number }} Memory in bytes; heap: what the language's own collector manages
 * @typedef {{ accepted: number, suites: number[] }} Count
 * @typedef {{ count: number, seconds: number, suites: number[] }} Handshakes
 * @typedef {{ count: number, seconds: number }} Echoes
 */

/** How many handshakes a client has under way, so that neither process sits idle while the other one computes. */
export const HANDSHAKES_AT_ONCE = 8;

/** How many messages are on the way during an echo, so that the figure is work and not waking up. */
export const ECHOES_AT_ONCE = 8;

export const HOST = '127.0.0.1';

/** @type {Record<Credential, { suite: number, cipher: string }>} cipher: OpenSSL's name */
export const SUITES = {
  psk: { suite: 0x00a8, cipher: 'PSK-AES128-GCM-SHA256' },
  ecdsa: { suite: 0xc02b, cipher: 'ECDHE-ECDSA-AES128-GCM-SHA256' },
};

export const PRE_SHARED = { identity: 'bench', key: '000102030405060708090a0b0c0d0e0f' };
