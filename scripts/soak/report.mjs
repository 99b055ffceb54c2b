// What a thread has to tell.

const MOST_FAILURES = 20;

/**
 * @typedef {object} Counts
 * @property {number} handshakes completed, counted at the client
 * @property {number} messagesSent
 * @property {number} messagesReceived
 * @property {number} retransmissions
 * @property {number} abandonedByClient handshakes of a server that nobody finished, such as those begun by a replay
 * @property {number} lost associations that ended without having been asked to
 */

export class Report {
  /** @type {Counts} */
  counts = {
    handshakes: 0,
    messagesSent: 0,
    messagesReceived: 0,
    retransmissions: 0,
    abandonedByClient: 0,
    lost: 0,
  };

  /** @type {Record<string, number>} */
  dropped = {};
  /** @type {Record<string, number>} */
  alertsReceived = {};
  /** @type {string[]} */
  failures = [];
  failed = 0;

  #messages = 0;
  #name;

  /** @param {string} name of the thread */
  constructor(name) {
    this.#name = name;
  }

  /** A message that was never said before. */
  newMessage() {
    this.#messages += 1;
    return `${this.#name} ${this.#messages}`;
  }

  /** @param {string} message */
  wasSaid(message) {
    const number = Number(message.slice(this.#name.length + 1));
    return message.startsWith(`${this.#name} `) && number >= 1 && number <= this.#messages;
  }

  /** @param {string} failure */
  fail(failure) {
    this.failed += 1;
    if (this.failures.length < MOST_FAILURES) this.failures.push(failure);
  }

  /** @param {string} why */
  lose(why) {
    this.counts.lost += 1;
    this.fail(`an association was lost: ${why}`);
  }

  /**
   * The counters of an association that has ended.
   *
   * @param {import('qdtls').QDtlsStatistics} statistics
   */
  add({ retransmissions, recordsDropped, alertsReceived }) {
    this.counts.retransmissions += retransmissions;
    for (const [from, to] of [
      [Object.entries(recordsDropped), this.dropped],
      [Object.entries(alertsReceived), this.alertsReceived],
    ]) {
      addTo(/** @type {[string, number][]} */ (from), /** @type {Record<string, number>} */ (to));
    }
  }
}

/**
 * @param {readonly [string, number][]} counters
 * @param {Record<string, number>} sum
 */
function addTo(counters, sum) {
  for (const [name, count] of counters) sum[name] = (sum[name] ?? 0) + count;
}
