// What the plots show: everything of one side, or one association.

import { printable } from './dom.js';
import { drawPlot } from './plot.js';

/** @typedef {import('../sampler').Rates} Rates */

const MOST_SAMPLES = 120;

/** @param {readonly (number | null)[]} values */
function meanOf(values) {
  const numbers = values.filter((value) => value !== null);
  return numbers.length === 0 ? null : numbers.reduce((sum, value) => sum + value, 0) / numbers.length;
}

/**
 * @param {readonly Rates[]} rates
 * @param {'received' | 'sent'} kind
 */
function sumOf(rates, kind) {
  return rates.reduce((sum, rate) => sum + rate[kind], 0);
}

export class Traffic {
  /**
   * @param {{ select: HTMLSelectElement, rate: SVGSVGElement, roundTrip: SVGSVGElement }} parts
   */
  constructor({ select, rate, roundTrip }) {
    this.select = select;
    this.rate = rate;
    this.roundTrip = roundTrip;
    /** @type {import('../sampler').Sample[]} */
    this.samples = [];
    this.names = '';
    select.addEventListener('change', () => this.draw());
    new ResizeObserver(() => this.draw()).observe(rate);
  }

  /** @param {readonly import('../sampler').Sample[]} samples */
  add(samples) {
    this.samples = [...this.samples, ...samples].slice(-MOST_SAMPLES);
    this.draw();
  }

  /** @param {readonly import('../sampler').Sample[]} samples */
  replace(samples) {
    this.samples = [];
    this.add(samples);
  }

  /**
   * Offers these associations in the list; what was chosen stays chosen while it is there.
   *
   * @param {readonly import('../snapshot').AssociationRow[]} rows
   */
  offer(rows) {
    const names = rows.map(({ id, name }) => `${id} ${name}`).join();
    if (this.names === names && this.select.options.length > 0) return;
    this.names = names;
    const chosen = this.select.value;
    const option = (/** @type {string} */ value, /** @type {string} */ text) => new Option(text, value, false, value === chosen);
    this.select.replaceChildren(
      option('client', 'all clients'),
      option('server', 'the server'),
      ...rows.map(({ id, name }) => option(id, id.startsWith('server') ? `server: ${printable(name)}` : printable(name))),
    );
  }

  draw() {
    const { value, selectedOptions } = this.select;
    const chosen = this.samples.map(({ rates }) => rates.filter(({ id }) => id === value || id.startsWith(`${value} `)));
    const who = selectedOptions[0]?.text ?? '';
    const received = chosen.map((rates) => sumOf(rates, 'received'));
    const sent = chosen.map((rates) => sumOf(rates, 'sent'));
    const roundTrips = chosen.map((rates) => meanOf(rates.map(({ roundTrip }) => roundTrip)));
    drawPlot(
      this.rate,
      [
        { className: 'received', values: received },
        { className: 'sent', values: sent },
      ],
      {
        smallestStep: 1,
        label: `Datagrams per second of ${who}: ${received.at(-1) ?? 0} received and ${sent.at(-1) ?? 0} sent in the last second`,
        empty: 'waiting for the first second',
      },
    );
    const last = roundTrips.findLast((roundTrip) => roundTrip !== null);
    const isServer = value.startsWith('server');
    drawPlot(this.roundTrip, [{ className: 'round-trip', values: roundTrips }], {
      smallestStep: 0.05,
      label: `Round-trip time of pings of ${who}: ${last === undefined || last === null ? 'none' : `${last.toFixed(2)} milliseconds`}`,
      empty: isServer ? 'the server answers pings and sends none' : 'no ping was answered in the last two minutes',
    });
  }
}
