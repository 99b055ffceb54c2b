// The log with its filter, and the received datagrams.

import { all, clock, make, one, printable, setText } from './dom.js';

/** @typedef {import('../log-history').LogLine} LogLine */

const MOST_LINES = 1000;
const MOST_DATAGRAMS = 100;
const BYTES_IN_ROW = 16;

/** How far from its end a pane still counts as read to its end, in pixels. */
const NEAR = 40;

/** A list that follows its end unless somebody has scrolled away from it. */
class Pane {
  /**
   * @param {HTMLOListElement} list
   * @param {number} most
   * @param {(line: LogLine) => boolean} accepts
   */
  constructor(list, most, accepts) {
    this.list = list;
    this.most = most;
    this.accepts = accepts;
    /** @type {{ line: LogLine, element: HTMLLIElement }[]} */
    this.entries = [];
  }

  /** @param {readonly { line: LogLine, element: HTMLLIElement }[]} entries */
  add(entries) {
    const { list } = this;
    const atEnd = list.scrollTop + list.clientHeight >= list.scrollHeight - NEAR;
    for (const { line, element } of entries) element.hidden = !this.accepts(line);
    list.append(...entries.map(({ element }) => element));
    this.entries.push(...entries);
    this.forget(this.entries.length - this.most);
    if (atEnd) list.scrollTop = list.scrollHeight;
  }

  /**
   * Forgets messages before anything else: a flood of them must not wash an error away.
   *
   * @param {number} surplus
   */
  forget(surplus) {
    if (surplus <= 0) return;
    const messages = this.entries.filter(({ line }) => line.data !== null);
    const others = this.entries.filter(({ line }) => line.data === null);
    const forgotten = new Set([...messages, ...others].slice(0, surplus));
    for (const { element } of forgotten) element.remove();
    this.entries = this.entries.filter((entry) => !forgotten.has(entry));
  }

  clear() {
    this.list.replaceChildren();
    this.entries = [];
  }

  /** Applies a changed filter. */
  filter() {
    for (const { line, element } of this.entries) element.hidden = !this.accepts(line);
    this.list.scrollTop = this.list.scrollHeight;
  }

  /** How many are shown. */
  shown() {
    return this.entries.filter(({ element }) => !element.hidden).length;
  }
}

/** @param {LogLine} line */
function heading({ time, side, connection }) {
  const who = connection === '' ? side : `${side} ${printable(connection)}`;
  return [make('time', '', clock(time)), make('span', 'who', who)];
}

/** @param {LogLine} line */
function logElement(line) {
  const { level, text, meaning, data } = line;
  const said = data === null ? text : `${text} "${data.text}"`;
  const element = make('li', '', ...heading(line), make('span', 'text', printable(said)));
  if (meaning !== '') element.append(make('span', 'meaning', meaning));
  element.dataset['level'] = level;
  return { line, element };
}

/**
 * Rows of sixteen bytes.
 *
 * @param {import('../log-history').ShownData} data
 */
function hexRows({ hex, size }) {
  const bytes = hex.split(' ');
  const rows = [];
  for (let start = 0; start < bytes.length; start += BYTES_IN_ROW) {
    rows.push(bytes.slice(start, start + BYTES_IN_ROW).join(' '));
  }
  return bytes.length < size ? `${rows.join('\n')}\n(${size - bytes.length} more bytes)` : rows.join('\n');
}

/** @param {LogLine} line */
function datagramElement(line) {
  const { data } = line;
  if (data === null) return [];
  const size = make('span', 'who', `${data.size} bytes`);
  const text = make('span', 'text', printable(data.text));
  const element = make('li', '', ...heading(line), size, make('pre', '', hexRows(data)), text);
  element.dataset['level'] = 'data';
  return [{ line, element }];
}

export class LogView {
  /**
   * @param {object} parts
   * @param {HTMLOListElement} parts.lines
   * @param {HTMLElement} parts.filter
   * @param {HTMLElement} parts.count
   * @param {HTMLOListElement} parts.received
   * @param {HTMLSelectElement} parts.receivedSide
   */
  constructor({ lines, filter, count, received, receivedSide }) {
    this.count = count;
    this.skipped = 0;
    this.text = one(filter, 'input[type=search]', HTMLInputElement);
    this.side = one(filter, 'select', HTMLSelectElement);
    this.levels = all(filter, 'input[type=checkbox]', HTMLInputElement);
    this.log = new Pane(lines, MOST_LINES, (line) => this.accepts(line));
    this.received = new Pane(received, MOST_DATAGRAMS, ({ side }) => ['', side].includes(receivedSide.value));
    filter.addEventListener('input', () => {
      this.log.filter();
      this.showCount();
    });
    receivedSide.addEventListener('input', () => this.received.filter());
  }

  /** @param {LogLine} line */
  accepts({ level, side, connection, text, meaning, data }) {
    if (!this.levels.some(({ value, checked }) => checked && value === level)) return false;
    if (!['', side].includes(this.side.value)) return false;
    const wanted = this.text.value.trim().toLowerCase();
    return `${side} ${connection} ${text} ${meaning} ${data?.text ?? ''}`.toLowerCase().includes(wanted);
  }

  /**
   * @param {readonly LogLine[]} lines
   * @param {number} [skipped] lines that were too many at once
   */
  add(lines, skipped = 0) {
    this.skipped += skipped;
    this.log.add(lines.map(logElement));
    this.received.add(lines.filter(({ data }) => data?.direction === 'received').flatMap(datagramElement));
    this.showCount();
  }

  clear() {
    this.skipped = 0;
    this.log.clear();
    this.received.clear();
    this.showCount();
  }

  showCount() {
    const [shown, total] = [this.log.shown(), this.log.entries.length];
    const lines = shown === total ? `${total} lines` : `${shown} of ${total} lines`;
    setText(this.count, this.skipped === 0 ? lines : `${lines}, ${this.skipped} left out`);
  }
}
