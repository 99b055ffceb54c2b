import { serverConfiguration } from '../configuration';
import { describeRemote } from '../describe';
import { messageOf } from '../error-text';
import { forwardLog, type LogSink, logEntry } from '../log';
import { readServerOptions } from '../options';
import { preSharedKeyOf } from '../psk';
import type { Remote } from '../remote';
import { SecureUdpServer } from '../secure-udp-server';
import { UsageError } from '../usage-error';
import type { ServerState } from './snapshot';

/** The server of the page: at most one at a time. */
export class ServerSide {
  readonly #log: LogSink;
  readonly #changed: () => void;
  #server: SecureUdpServer | null = null;
  #listening: ServerState['listening'] = 'closed';
  #place = '';
  /** The arguments that the server was started with. */
  #started = '';
  /** Servers take each other's place one after the other: two at once would leave one that nobody closes. */
  #busy: Promise<void> = Promise.resolve();

  constructor(log: LogSink, changed: () => void) {
    this.#log = log;
    this.#changed = changed;
  }

  state(): ServerState {
    const peers = this.#server?.peers() ?? [];
    const associations = peers.map(({ name, status }) => ({
      id: `server ${name}`,
      name,
      peer: name,
      state: status?.encrypted === true ? ('encrypted' as const) : ('connecting' as const),
      status,
      pings: null,
      roundTrip: null,
    }));
    return { listening: this.#listening, place: this.#place, associations };
  }

  /**
   * Listens as `qdtls server` would with these arguments. A server that has stopped and is asked for the same
   * again goes on with the clients that it has; any other takes its place. Throws UsageError for arguments that
   * cannot be used; what the system refuses is logged too.
   */
  listen(args: readonly string[]): Promise<void> {
    return this.#inTurn(() => this.#replace(args));
  }

  /** Shows and drives a server that listens already. */
  adopt(server: SecureUdpServer, place: Remote, started = ''): void {
    this.#server = server;
    this.#started = started;
    this.#place = describeRemote(place);
    this.#listening = 'open';
    server.on('peers', () => {
      if (this.#listening === 'stopped') this.#closeWhenEmpty();
      this.#changed();
    });
    this.#changed();
  }

  /** Admits no new clients; the socket closes when the last client that is there has gone. */
  stop(): void {
    if (this.#server === null || this.#listening !== 'open') return;
    this.#server.stopAccepting();
    this.#listening = 'stopped';
    this.#closeWhenEmpty();
    this.#changed();
  }

  /** Says goodbye to one client, or to all without an id. */
  shutDown(id: string | null): void {
    for (const { id: known, name } of this.state().associations) {
      if (id === null || id === known) this.#server?.closePeer(name);
    }
  }

  /** Says goodbye to all clients and closes the socket. */
  close(): Promise<void> {
    return this.#inTurn(() => this.#closeServer());
  }

  async #replace(args: readonly string[]): Promise<void> {
    const options = readServerOptions(args);
    const configuration = serverConfiguration(options);
    const asked = JSON.stringify(args);
    if (this.#server !== null && asked === this.#started) {
      if (this.#listening === 'stopped') this.#resume(this.#server);
      return;
    }
    await this.#closeServer();
    const server = new SecureUdpServer({ ...options, configuration, psk: preSharedKeyOf(options.credentials) });
    forwardLog(server, this.#log);
    try {
      this.adopt(server, await server.listen(options.address, options.port), asked);
    } catch (error) {
      const text = `cannot listen on ${describeRemote(options)}: ${messageOf(error)}`;
      this.#log.log(logEntry('error', '', text));
      throw UsageError.ofOption('port', 'be one that can be listened at with this address', messageOf(error));
    }
  }

  #inTurn(action: () => Promise<void>): Promise<void> {
    const done = this.#busy.then(action);
    this.#busy = done.catch(() => undefined);
    return done;
  }

  async #closeServer(): Promise<void> {
    const server = this.#server;
    this.#server = null;
    this.#listening = 'closed';
    this.#place = '';
    await server?.close();
    this.#changed();
  }

  #resume(server: SecureUdpServer): void {
    server.resumeAccepting();
    this.#listening = 'open';
    this.#changed();
  }

  #closeWhenEmpty(): void {
    void this.#inTurn(async () => {
      if (this.#listening === 'stopped' && this.#server?.peers().length === 0) await this.#closeServer();
    });
  }
}
