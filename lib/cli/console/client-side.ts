import { createClients, resolveHost } from '../clients';
import { clientConfiguration } from '../configuration';
import { describeRemote } from '../describe';
import { forwardLog, type LogSink } from '../log';
import { readClientOptions } from '../options';
import type { SecureUdpClient } from '../secure-udp-client';
import { UsageError } from '../usage-error';
import { RoundTrips } from './round-trips';
import type { AssociationRow } from './snapshot';

/** Connections at a time: what one page can show and one process can ping. */
const MOST_CONNECTIONS = 200;

/** Connections that are over and still shown. */
const SHOWN_ENDED = 50;

interface Connection {
  readonly id: string;
  readonly client: SecureUdpClient;
  readonly roundTrips: RoundTrips;
}

/** The clients of the page. */
export class ClientSide {
  readonly #log: LogSink;
  readonly #changed: () => void;
  #connections: Connection[] = [];
  #count = 0;
  #closed = false;

  constructor(log: LogSink, changed: () => void) {
    this.#log = log;
    this.#changed = changed;
  }

  rows(): AssociationRow[] {
    return this.#connections.map(({ id, client, roundTrips }) => {
      const { name, state, pingsSent, acknowledged } = client.summary();
      return {
        id,
        name,
        peer: describeRemote(client.remote),
        state,
        status: client.status(),
        pings: { sent: pingsSent, acknowledged },
        roundTrip: roundTrips.last,
      };
    });
  }

  /** The mean round trip of a connection's pings since the last call, or null. */
  takeRoundTrip(id: string): number | null {
    return this.#connections.find((connection) => connection.id === id)?.roundTrips.takeMean() ?? null;
  }

  /** Connects as `qdtls client` would with these arguments. Throws UsageError for those that cannot be used. */
  async connect(args: readonly string[]): Promise<void> {
    const options = readClientOptions(args);
    const alive = this.#connections.filter((connection) => !isOver(connection)).length;
    if (alive + options.connections > MOST_CONNECTIONS) {
      const received = `${alive} are there already`;
      throw UsageError.ofOption('connections', `leave the console at most ${MOST_CONNECTIONS} of them`, received);
    }
    const configuration = clientConfiguration(options);
    const address = await resolveHost(options.host, this.#log);
    if (address === null) throw UsageError.ofOption('host', 'be a name with an address', `${options.host} has none`);
    // Whoever has closed the console while a name was looked up waits for no more connections.
    if (this.#closed) return;
    const clients = createClients(options, configuration, address, this.#count);
    for (const client of clients) forwardLog(client, this.#log);
    this.adopt(clients);
    for (const client of clients) void client.start();
  }

  /** Shows and drives clients of somebody else. */
  adopt(clients: readonly SecureUdpClient[]): void {
    for (const client of clients) {
      this.#connections.push({ id: `client ${this.#count}`, client, roundTrips: new RoundTrips(client) });
      this.#count += 1;
      client.on('changed', this.#changed);
    }
    const over = this.#connections.filter(isOver);
    const forgotten = new Set(over.slice(0, Math.max(0, over.length - SHOWN_ENDED)));
    this.#connections = this.#connections.filter((connection) => !forgotten.has(connection));
    this.#changed();
  }

  /** Says goodbye on one connection, or on all without an id. */
  async shutDown(id: string | null): Promise<void> {
    const chosen = this.#connections.filter((connection) => id === null || connection.id === id);
    await Promise.all(chosen.map(({ client }) => client.close()));
  }

  /** Says goodbye on all connections, for good. */
  close(): Promise<void> {
    this.#closed = true;
    return this.shutDown(null);
  }

  /** Shows no longer those that are over. */
  forgetEnded(): void {
    this.#connections = this.#connections.filter((connection) => !isOver(connection));
    this.#changed();
  }
}

function isOver({ client }: Connection): boolean {
  const { state } = client.summary();
  return state !== 'connecting' && state !== 'encrypted';
}
