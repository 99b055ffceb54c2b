// Who is compared in which role, and which pair of processes tells about it.

/**
 * @typedef {import('./contract.mjs').Credential} Credential
 * @typedef {'client' | 'server' | 'both'} Role both: its own client and its own server, added up
 * @typedef {{ library: string, role: Role, credential: Credential }} Contest
 * @typedef {{ client: string, server: string, credential: Credential }} PairOf names of libraries
 */

export const OURS = 'qdtls';

/** Those whose associations are objects of JavaScript and nothing else. */
export const PURE_JAVASCRIPT = ['node-dtls-client', 'werift'];

/** @type {readonly Role[]} */
const ALL = ['client', 'server', 'both'];

/** What each peer can do. @type {Record<string, Partial<Record<Credential, readonly Role[]>>>} */
const ABILITIES = {
  'node-dtls-client': { psk: ['client'] },
  werift: { ecdsa: ALL },
  pion: { psk: ALL, ecdsa: ALL },
};

/** @type {readonly Credential[]} */
const CREDENTIALS = ['psk', 'ecdsa'];

/** Every row of the table, ours before those that it is compared with. @returns {Contest[]} */
export function contests() {
  return CREDENTIALS.flatMap((credential) =>
    ALL.flatMap((role) => {
      const able = Object.keys(ABILITIES).filter((name) => ABILITIES[name]?.[credential]?.includes(role));
      return [OURS, ...able].map((library) => ({ library, role, credential }));
    }),
  );
}

/**
 * The pair that a contest is read from: against ours, except for both ends of one library.
 *
 * @param {Contest} contest
 * @returns {PairOf}
 */
export function pairOf({ library, role, credential }) {
  return {
    client: role === 'server' ? OURS : library,
    server: role === 'client' ? OURS : library,
    credential,
  };
}

/** @param {PairOf} pair */
export function nameOf({ client, server, credential }) {
  return `${client} > ${server}, ${credential}`;
}

/** Every pair once. @returns {PairOf[]} */
export function pairs() {
  return [...new Map(contests().map((contest) => [nameOf(pairOf(contest)), pairOf(contest)])).values()];
}
