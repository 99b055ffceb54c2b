// Puts the parts of the page together.

import { AssociationTable, isAlive } from './associations.js';
import { all, byId, one, setText } from './dom.js';
import { SideForm } from './form.js';
import { follow } from './link.js';
import { LogView } from './log-view.js';
import { Traffic } from './traffic.js';

/** @typedef {import('../snapshot').ConsoleState} ConsoleState */

const serverForm = new SideForm(byId('server-form', HTMLFormElement), 'server');
const clientForm = new SideForm(byId('client-form', HTMLFormElement), 'client');
const listenButton = byId('listen', HTMLButtonElement);

const serverTable = new AssociationTable(byId('server-rows', HTMLTableSectionElement), byId('server-empty', HTMLElement), {
  pings: false,
  shutDown: (id) => void serverForm.run('shut-down-server', { id }),
});
const clientTable = new AssociationTable(byId('client-rows', HTMLTableSectionElement), byId('client-empty', HTMLElement), {
  pings: true,
  shutDown: (id) => void clientForm.run('shut-down-client', { id }),
});

const log = new LogView({
  lines: byId('log-lines', HTMLOListElement),
  filter: one(document, '.filter', HTMLElement),
  count: byId('log-count', HTMLElement),
  received: byId('received-lines', HTMLOListElement),
  receivedSide: byId('received-side', HTMLSelectElement),
});

const traffic = new Traffic({
  select: byId('plotted', HTMLSelectElement),
  rate: byId('rate-plot', SVGSVGElement),
  roundTrip: byId('round-trip-plot', SVGSVGElement),
});

let listening = false;

/** Number of the newest line that was shown: a snapshot may hold what the next update repeats. */
let newestLine = 0;

/**
 * @param {readonly import('../log-history').LogLine[]} lines
 * @param {number} [skipped]
 */
function showLines(lines, skipped) {
  const fresh = lines.filter(({ number }) => number > newestLine);
  newestLine = fresh.at(-1)?.number ?? newestLine;
  if (fresh.length > 0) log.add(fresh, skipped);
}

/** @param {ConsoleState['server']} server */
function showServer({ listening: state, place, associations }) {
  const badge = byId('server-state', HTMLElement);
  const texts = { closed: 'closed', open: `listening on ${place}`, stopped: `no new clients on ${place}` };
  badge.dataset['state'] = state;
  setText(badge, texts[state]);
  listening = state === 'open';
  setText(listenButton, listening ? 'Stop listening' : 'Start listening');
  byId('shut-down-server', HTMLButtonElement).disabled = associations.length === 0;
  serverTable.show(associations);
}

/** @param {ConsoleState['clients']} rows */
function showClients(rows) {
  const badge = byId('client-state', HTMLElement);
  const encrypted = rows.filter(({ state }) => state === 'encrypted').length;
  const alive = rows.filter(isAlive).length;
  badge.dataset['state'] = encrypted > 0 ? 'encrypted' : alive > 0 ? 'connecting' : 'closed';
  setText(badge, alive === 0 ? 'none connected' : `${encrypted} of ${alive} encrypted`);
  byId('shut-down-clients', HTMLButtonElement).disabled = alive === 0;
  byId('forget-ended', HTMLButtonElement).disabled = alive === rows.length;
  clientTable.show(rows);
}

/** @param {ConsoleState['testCertificates']} made */
function showTestCertificates(made) {
  for (const hint of all(document, '.test-certificates', HTMLElement)) {
    if (made === null) {
      setText(hint, 'An authority and one certificate for each side, made in this process and gone with it. No files.');
      continue;
    }
    const link = document.createElement('a');
    link.href = 'test-authority.pem';
    link.textContent = 'Save the authority for other programs';
    const until = new Date(made.validTo).toLocaleDateString('en-GB', { dateStyle: 'long' });
    hint.replaceChildren(`Made for ${made.names.join(', ')}, valid until ${until}. SHA-256 of the authority: ${made.fingerprint}. `, link);
  }
  for (const button of all(document, '.make-test-certificates', HTMLButtonElement)) {
    setText(button, made === null ? 'Make test certificates' : 'Make new ones');
  }
}

let shownCertificates = '';

/** @param {ConsoleState} state */
function show(state) {
  showServer(state.server);
  showClients(state.clients);
  traffic.offer([...state.server.associations, ...state.clients]);
  const fingerprint = state.testCertificates?.fingerprint ?? 'none';
  if (fingerprint === shownCertificates) return;
  shownCertificates = fingerprint;
  showTestCertificates(state.testCertificates);
}

serverForm.form.addEventListener('submit', (event) => {
  event.preventDefault();
  void serverForm.run(listening ? 'stop-listening' : 'listen', listening ? {} : serverForm.fields());
});
clientForm.form.addEventListener('submit', (event) => {
  event.preventDefault();
  void clientForm.run('connect', clientForm.fields());
});
byId('shut-down-server', HTMLElement).addEventListener('click', () => void serverForm.run('shut-down-server'));
byId('shut-down-clients', HTMLElement).addEventListener('click', () => void clientForm.run('shut-down-client'));
byId('forget-ended', HTMLElement).addEventListener('click', () => void clientForm.run('forget-ended'));
byId('clear-log', HTMLElement).addEventListener('click', () => {
  log.clear();
  void serverForm.run('clear-log');
});
for (const { form, run } of [serverForm, clientForm].map((side) => ({ form: side.form, run: side.run.bind(side) }))) {
  for (const button of all(form, '.make-test-certificates', HTMLButtonElement)) {
    button.addEventListener('click', () => void run('make-test-certificates'));
  }
}

follow({
  snapshot: ({ state, lines, samples, forms, about }) => {
    serverForm.fill(forms.server);
    clientForm.fill(forms.client);
    setText(byId('about', HTMLElement), about);
    log.clear();
    newestLine = 0;
    showLines(lines);
    show(state);
    traffic.replace(samples);
  },
  update: ({ state, lines = [], samples = [], skipped = 0 }) => {
    if (state !== undefined) show(state);
    showLines(lines, skipped);
    if (samples.length > 0) traffic.add(samples);
  },
  link: (state) => {
    const element = byId('link', HTMLElement);
    element.dataset['link'] = state;
    setText(element, state === 'live' ? 'live' : 'no answer from the process: it has ended, or cannot be reached');
  },
});
