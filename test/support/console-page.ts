import { request } from 'node:http';
import { Console } from '../../lib/cli/console/console';
import { PageServer } from '../../lib/cli/console/page-server';
import { Watch } from './watch';

/** What came back for a request. */
export interface Answer {
  readonly status: number;
  readonly headers: NodeJS.Dict<string | string[]>;
  readonly body: string;
}

interface Question {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

/** Sends one request with exactly these headers, which fetch() would not allow; over a connection of its own. */
export function ask(address: string | URL, { method = 'GET', headers = {}, body = '' }: Question = {}): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(address, { method, headers, agent: false }, (response) => {
      let text = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text }));
    });
    sent.on('error', reject).end(body);
  });
}

/** A console with its page's server in this process. */
export class OpenConsole {
  readonly console = new Console();
  readonly page = new PageServer(this.console);
  readonly #watch = new Watch();
  address = '';

  async open(): Promise<void> {
    this.address = await this.page.listen(0);
    this.console.on('update', () => this.#watch.notify());
  }

  /** Presses a button. */
  act(name: string, body: unknown = {}): Promise<Answer> {
    const headers = { 'content-type': 'application/json' };
    return ask(new URL(`actions/${name}`, this.address), { method: 'POST', headers, body: JSON.stringify(body) });
  }

  /** The first event of a page that comes: its snapshot. */
  async snapshot(): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const sent = request(new URL('events', this.address), { agent: false }, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (chunk: string) => {
          text += chunk;
          const data = /^event: snapshot\ndata: (.*)\n\n/m.exec(text)?.[1];
          if (data === undefined) return;
          sent.destroy();
          resolve(JSON.parse(data));
        });
      });
      sent.on('error', reject).end();
    });
  }

  /** Resolves when the console's own state fulfils the condition. */
  async until(condition: (snapshot: ReturnType<Console['snapshot']>) => boolean): Promise<void> {
    const met = (): boolean => condition(this.console.snapshot());
    await this.#watch.until(met, () => JSON.stringify(this.console.snapshot().state));
  }

  async close(): Promise<void> {
    await this.page.close();
    await this.console.close();
  }
}
