// The way to the process: server-sent events in, posted actions out.

/** A refused action: the field that is wrong, or '', and a sentence. */
export class ActionError extends Error {
  /**
   * @param {string} field
   * @param {string} message
   */
  constructor(field, message) {
    super(message);
    this.field = field;
  }
}

/**
 * Asks the process to do something. Throws an ActionError when it refuses, or is gone.
 *
 * @param {string} name
 * @param {Record<string, string | boolean>} [body]
 */
export async function act(name, body = {}) {
  const request = { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) };
  const response = await fetch(`actions/${name}`, request).catch(() => null);
  if (response === null) throw new ActionError('', 'The process behind this page does not answer: has it ended?');
  if (response.ok) return;
  const { field, message } = await response.json();
  throw new ActionError(field, message);
}

/**
 * Listens to the process. EventSource connects again by itself, and gets a new snapshot then.
 *
 * @param {object} handlers
 * @param {(snapshot: import('../snapshot').Snapshot) => void} handlers.snapshot
 * @param {(update: import('../snapshot').Update) => void} handlers.update
 * @param {(state: 'live' | 'lost') => void} handlers.link
 */
export function follow({ snapshot, update, link }) {
  const events = new EventSource('events');
  events.addEventListener('snapshot', (event) => {
    snapshot(JSON.parse(event.data));
    link('live');
  });
  events.addEventListener('update', (event) => update(JSON.parse(event.data)));
  events.addEventListener('error', () => link('lost'));
}
