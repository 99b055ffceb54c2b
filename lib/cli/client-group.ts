import type { ClientSummary, SecureUdpClient } from './secure-udp-client';

/** How Qt's example names its connections. */
export function connectionName(index: number): string {
  return `Alice (clone number ${index})`;
}

/** Several connections that begin and end together. */
export class ClientGroup {
  readonly #clients: readonly SecureUdpClient[];

  constructor(clients: readonly SecureUdpClient[]) {
    this.#clients = clients;
  }

  /** In the order of their names. */
  get clients(): readonly SecureUdpClient[] {
    return this.#clients;
  }

  summaries(): ClientSummary[] {
    return this.#clients.map((client) => client.summary());
  }

  start(): void {
    for (const client of this.#clients) void client.start();
  }

  /** Sends no more pings: {@link allDone} follows when the last answers are there, or late. */
  finish(): void {
    for (const client of this.#clients) client.finish();
  }

  /** Resolves when every connection is done. */
  allDone(): Promise<void> {
    return new Promise((resolve) => {
      const check = (): void => {
        if (this.#clients.every((client) => client.done)) resolve();
      };
      for (const client of this.#clients) client.on('changed', check);
      check();
    });
  }

  async close(): Promise<void> {
    await Promise.all(this.#clients.map((client) => client.close()));
  }
}

/** How many pings a connection sent and what came of them, as one line. */
export function describeSummary(summary: ClientSummary): string {
  const { name, session, pingsSent, acknowledged, answers, state } = summary;
  if (session === '') {
    const why = state === 'closed' ? 'given up' : describeState(state);
    return `${name}: the handshake was not completed (${why})`;
  }
  const counts = `${pingsSent} ${pingsSent === 1 ? 'ping' : 'pings'} sent, ${acknowledged} acknowledged`;
  const others = answers > acknowledged ? `, ${answers - acknowledged} other answers` : '';
  return `${name}: ${counts}${others}, ${describeState(state)}, ${session}`;
}

function describeState(state: ClientSummary['state']): string {
  switch (state) {
    case 'closed':
      return 'closed by us';
    case 'remote':
      return 'closed by the peer';
    case 'unverified':
      return 'the certificate is not accepted';
    default:
      return state;
  }
}
