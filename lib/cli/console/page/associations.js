// The table of one side's associations. Rows stay where they are and change in place: focus, selection and what
// is unfolded survive.

import { amount, counted, make, printable, setText } from './dom.js';

/** @typedef {import('../snapshot').AssociationRow} AssociationRow */

/** @type {Readonly<Record<AssociationRow['state'], string>>} */
export const STATES = {
  connecting: 'handshake',
  encrypted: 'encrypted',
  closed: 'closed by us',
  remote: 'closed by the peer',
  unverified: 'certificate refused',
  failed: 'failed',
  replaced: 'replaced',
};

/** @param {AssociationRow} row */
export function isAlive({ state }) {
  return state === 'connecting' || state === 'encrypted';
}

export class AssociationTable {
  /**
   * @param {HTMLTableSectionElement} body
   * @param {HTMLElement} empty shown when there are none
   * @param {{ pings: boolean, shutDown: (id: string) => void }} options
   */
  constructor(body, empty, { pings, shutDown }) {
    this.body = body;
    this.empty = empty;
    this.pings = pings;
    this.shutDown = shutDown;
    /** @type {Map<string, TableRow>} */
    this.rows = new Map();
  }

  /** @param {readonly AssociationRow[]} rows */
  show(rows) {
    const ids = new Set(rows.map(({ id }) => id));
    for (const [id, row] of this.rows) {
      if (ids.has(id)) continue;
      row.element.remove();
      this.rows.delete(id);
    }
    for (const row of rows) {
      let shown = this.rows.get(row.id);
      if (shown === undefined) {
        shown = new TableRow(row, this.pings, this.shutDown);
        this.rows.set(row.id, shown);
        this.body.append(shown.element);
      }
      shown.show(row);
    }
    this.empty.hidden = rows.length > 0;
  }
}

class TableRow {
  /**
   * @param {AssociationRow} row
   * @param {boolean} pings
   * @param {(id: string) => void} shutDown
   */
  constructor({ id, name, peer }, pings, shutDown) {
    this.cipher = make('small', '');
    this.counters = make('dl', '');
    const more = make('details', '', make('summary', '', 'Counters'), this.counters);
    this.badge = make('span', 'badge');
    this.protocol = make('small', '');
    this.mtu = make('span', '');
    this.payload = make('small', '');
    this.datagrams = make('span', '');
    this.bytes = make('small', '');
    this.pings = make('span', '');
    this.roundTrip = make('small', '');
    this.button = make('button', 'small', 'Shut down');
    this.button.type = 'button';
    this.button.setAttribute('aria-label', `Shut down ${name}`);
    this.button.addEventListener('click', () => shutDown(id));
    const cells = [
      [printable(name), ...(name === peer ? [] : [make('small', '', `to ${peer}`)]), this.cipher, more],
      [this.badge, this.protocol, this.button],
      [this.mtu, this.payload],
      [this.datagrams, this.bytes],
      ...(pings ? [[this.pings, this.roundTrip]] : []),
    ];
    this.element = make('tr', '', ...cells.map((content) => make('td', '', ...content)));
  }

  /** @param {AssociationRow} row */
  show(row) {
    const { state, status, pings, roundTrip } = row;
    this.badge.dataset['state'] = state;
    setText(this.badge, STATES[state]);
    this.button.disabled = !isAlive(row);
    if (pings !== null) setText(this.pings, `${counted(pings.acknowledged)} of ${counted(pings.sent)}`);
    setText(this.roundTrip, roundTrip === null ? '' : `${roundTrip.toFixed(1)} ms`);
    if (status === null) return;
    const { cipher, protocol, mtu, maxPayload, statistics } = status;
    setText(this.cipher, cipher);
    setText(this.protocol, protocol);
    setText(this.mtu, String(mtu));
    setText(this.payload, maxPayload === 0 ? '' : `${maxPayload} payload`);
    setText(this.datagrams, `${counted(statistics.datagramsReceived)} in, ${counted(statistics.datagramsSent)} out`);
    setText(this.bytes, `${amount(statistics.bytesReceived)} in, ${amount(statistics.bytesSent)} out`);
    this.showCounters(statistics);
  }

  /** @param {import('../../../statistics').QDtlsStatistics} statistics */
  showCounters({ retransmissions, recordsDropped, alertsReceived, alertsSent }) {
    const dropped = Object.entries(recordsDropped).filter(([, count]) => count > 0);
    const entries = [
      ['flights sent again', retransmissions],
      ['records dropped', dropped.reduce((sum, [, count]) => sum + count, 0)],
      ...dropped.map(([reason, count]) => [`dropped: ${inWords(reason)}`, count]),
      ...Object.entries(alertsReceived).map(([name, count]) => [`alerts received: ${name}`, count]),
      ...Object.entries(alertsSent).map(([name, count]) => [`alerts sent: ${name}`, count]),
    ];
    const text = entries.flat().join();
    if (this.counters.dataset['shown'] === text) return;
    this.counters.dataset['shown'] = text;
    this.counters.replaceChildren(
      ...entries.flatMap(([name, count]) => [make('dt', '', String(name)), make('dd', '', String(count))]),
    );
  }
}

/**
 * `oldEpoch` as people write it: old epoch.
 *
 * @param {string} name
 */
function inWords(name) {
  return name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
}
