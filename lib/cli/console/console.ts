import { EventEmitter } from 'node:events';
import { opensslVersion } from '../../index';
import { UsageError } from '../usage-error';
import { ClientSide } from './client-side';
import { argumentsOf, type Fields, isFields } from './fields';
import { LogHistory, type LogLine } from './log-history';
import { Sampler } from './sampler';
import { ServerSide } from './server-side';
import type { ConsoleState, Snapshot, Update } from './snapshot';
import { makeTestCertificates, type TestCertificates } from './test-certificates';

const SAMPLE_INTERVAL = 1000;

/** Milliseconds between two updates of the pages: often enough to look immediate, and one for many changes. */
const UPDATE_INTERVAL = 100;

/** Most lines in one update: a flood of pings must not become a flood of text. */
const LINES_AT_ONCE = 200;

type Action = (body: Fields) => Promise<void> | void;

/**
 * Everything behind the page, without HTTP: a server, clients, their log and plots, and what the forms hold. It
 * lives as long as the process; pages come and go.
 */
export class Console extends EventEmitter<{ update: [update: Update] }> {
  readonly log: LogHistory;
  readonly server: ServerSide;
  readonly clients: ClientSide;
  readonly #sampler = new Sampler();
  readonly #timer: NodeJS.Timeout;
  #forms: Record<'server' | 'client', Fields> = { server: {}, client: {} };
  #certificates: TestCertificates | null = null;
  #changed = false;
  #lines: LogLine[] = [];
  #skipped = 0;
  #updateTimer: NodeJS.Timeout | null = null;

  readonly #actions: Readonly<Record<string, Action>> = {
    listen: async (fields) => {
      this.#forms = { ...this.#forms, server: fields };
      await this.server.listen(argumentsOf('server', fields, this.#certificates));
    },
    connect: async (fields) => {
      this.#forms = { ...this.#forms, client: fields };
      await this.clients.connect(argumentsOf('client', fields, this.#certificates));
    },
    'stop-listening': () => this.server.stop(),
    'shut-down-server': ({ id }) => this.server.shutDown(idOf(id)),
    'shut-down-client': ({ id }) => this.clients.shutDown(idOf(id)),
    'forget-ended': () => this.clients.forgetEnded(),
    'clear-log': () => this.log.clear(),
    'make-test-certificates': () => {
      this.#certificates = makeTestCertificates();
      this.#touch();
    },
    'keep-server-form': (fields) => {
      this.#forms = { ...this.#forms, server: fields };
    },
    'keep-client-form': (fields) => {
      this.#forms = { ...this.#forms, client: fields };
    },
  };

  constructor() {
    super();
    const touch = (): void => this.#touch();
    this.log = new LogHistory((line) => this.#addLine(line));
    this.server = new ServerSide(this.log.sink('server'), touch);
    this.clients = new ClientSide(this.log.sink('client'), touch);
    this.#timer = setInterval(() => this.#sample(), SAMPLE_INTERVAL);
  }

  /** The authority of the test certificates in PEM, for other programs; '' before they are made. */
  get authorityPem(): string {
    return this.#certificates?.authorityPem ?? '';
  }

  /** What the forms hold before anybody has typed. */
  fillForms(forms: Readonly<Record<'server' | 'client', Fields>>): void {
    this.#forms = { ...forms };
  }

  /** Everything that a page shows, for one that comes. */
  snapshot(): Snapshot {
    return {
      state: this.#state(),
      lines: this.log.lines(),
      samples: this.#sampler.samples(),
      forms: { server: withoutPassphrase(this.#forms.server), client: withoutPassphrase(this.#forms.client) },
      about: `Node ${process.version}, ${opensslVersion()}`,
    };
  }

  /** Does what a button asks for. Throws {@link UsageError} for a wrong field, and for an action that there is not. */
  async act(name: string, body: unknown): Promise<void> {
    const action = Object.hasOwn(this.#actions, name) ? this.#actions[name] : undefined;
    if (action === undefined) throw new UsageError(`There is no action ${JSON.stringify(name)}.`);
    if (!isFields(body)) throw new UsageError('Expected an object of texts and booleans as the body.');
    await action(body);
  }

  /** Says goodbye to everybody. */
  async close(): Promise<void> {
    clearInterval(this.#timer);
    await this.clients.close();
    await this.server.close();
    clearTimeout(this.#updateTimer ?? undefined);
  }

  #state(): ConsoleState {
    const made = this.#certificates;
    return {
      server: this.server.state(),
      clients: this.clients.rows(),
      testCertificates:
        made === null ? null : { names: made.names, fingerprint: made.fingerprint, validTo: made.validTo.getTime() },
    };
  }

  #sample(): void {
    const { server, clients } = this.#state();
    const sample = this.#sampler.take([...server.associations, ...clients], (id) => this.clients.takeRoundTrip(id));
    // Counters have moved although nobody said so.
    this.emit('update', { samples: [sample] });
    if (sample.rates.length > 0) this.#touch();
  }

  #addLine(line: LogLine): void {
    if (this.#lines.length < LINES_AT_ONCE) this.#lines.push(line);
    else this.#skipped += 1;
    this.#schedule();
  }

  #touch(): void {
    this.#changed = true;
    this.#schedule();
  }

  #schedule(): void {
    this.#updateTimer ??= setTimeout(() => this.#flush(), UPDATE_INTERVAL);
  }

  #flush(): void {
    this.#updateTimer = null;
    const update: Update = {
      ...(this.#changed ? { state: this.#state() } : {}),
      lines: this.#lines,
      skipped: this.#skipped,
    };
    this.#changed = false;
    this.#lines = [];
    this.#skipped = 0;
    this.emit('update', update);
  }
}

function idOf(id: string | boolean | undefined): string | null {
  return typeof id === 'string' ? id : null;
}

/** A passphrase goes into the process and never out again. */
function withoutPassphrase(fields: Fields): Fields {
  return Object.fromEntries(Object.entries(fields).filter(([name]) => name !== 'passphrase'));
}
