import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { messageOf } from '../error-text';
import { UsageError } from '../usage-error';
import { createToken, pathBelow, refusal } from './access';
import type { Console } from './console';
import { inWordsOfThePage } from './fields';
import { readPageFiles } from './page-files';

const LOOPBACK = '127.0.0.1';

/** Bytes of a request's body: several certificates, and no more. */
const LONGEST_BODY = 256 * 1024;

/** Bytes that wait for a page that does not read: it is disconnected, and comes back for a snapshot. */
const MOST_WAITING = 8 * 1024 * 1024;

/** What the page may load and where it may stand: nothing but its own files, in no frame. */
const HEADERS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'cache-control': 'no-store',
};

/** An answer that is no success; the text is for people. */
class Refusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

async function readBody(request: IncomingMessage): Promise<unknown> {
  if (request.headers['content-type'] !== 'application/json') throw new Refusal(415, 'expected application/json');
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    size += chunk.length;
    if (size > LONGEST_BODY) throw new Refusal(413, `expected at most ${LONGEST_BODY} bytes`);
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8'));
  } catch {
    throw new Refusal(400, 'expected JSON');
  }
}

/** The page of a {@link Console}, on a TCP port of 127.0.0.1 and below a path that cannot be guessed. */
export class PageServer {
  readonly #console: Console;
  readonly #files = readPageFiles();
  readonly #token = createToken();
  readonly #http: Server;
  #port = 0;

  constructor(console: Console) {
    this.#console = console;
    // Each open page is a listener.
    console.setMaxListeners(0);
    this.#http = createServer((request, response) => void this.#handle(request, response));
  }

  /** Resolves to the page's address; rejects with the system's error. Port 0 is any that is free. */
  async listen(port: number): Promise<string> {
    this.#http.listen(port, LOOPBACK);
    await once(this.#http, 'listening');
    const address = this.#http.address();
    this.#port = typeof address === 'object' && address !== null ? address.port : port;
    return `http://${LOOPBACK}:${this.#port}/${this.#token}/`;
  }

  /** Ends every page's connection. */
  async close(): Promise<void> {
    if (!this.#http.listening) return;
    const closed = once(this.#http, 'close');
    this.#http.close();
    this.#http.closeAllConnections();
    await closed;
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(HEADERS)) response.setHeader(name, value);
    try {
      const name = this.#admit(request);
      if (request.method === 'POST') await this.#act(name, request, response);
      else if (request.method === 'GET') this.#show(name, response);
      else throw new Refusal(405, 'expected GET or POST');
    } catch (error) {
      this.#refuse(response, error);
    }
  }

  /** The path below the token; throws for everybody but our own page. */
  #admit({ headers, url = '' }: IncomingMessage): string {
    const reason = refusal(headers, this.#port);
    if (reason !== '') throw new Refusal(403, reason);
    const name = pathBelow(this.#token, url);
    if (name === null) throw new Refusal(404, 'There is nothing here: the address that was printed has a longer path.');
    return name;
  }

  async #act(path: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
    const name = /^actions\/([a-z-]+)$/.exec(path)?.[1];
    if (name === undefined) throw new Refusal(404, 'There is nothing here.');
    await this.#console.act(name, await readBody(request));
    response.writeHead(204).end();
  }

  #show(name: string, response: ServerResponse): void {
    if (name === 'events') this.#stream(response);
    else if (name === 'test-authority.pem') this.#sendAuthority(response);
    else {
      const file = this.#files.get(name);
      if (file === undefined) throw new Refusal(404, 'There is nothing here.');
      response.writeHead(200, { 'content-type': file.type }).end(file.content);
    }
  }

  #sendAuthority(response: ServerResponse): void {
    const { authorityPem } = this.#console;
    if (authorityPem === '') throw new Refusal(404, 'No test certificates were made yet.');
    const disposition = 'attachment; filename="qdtls-test-authority.pem"';
    response.writeHead(200, { 'content-type': 'application/x-pem-file', 'content-disposition': disposition });
    response.end(authorityPem);
  }

  /** Server-sent events: everything at first, then what changes. */
  #stream(response: ServerResponse): void {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    const send = (event: string, data: unknown): void => {
      if (response.writableLength > MOST_WAITING) response.destroy();
      else response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
    };
    const update = (data: unknown): void => send('update', data);
    response.write('retry: 1000\n\n');
    send('snapshot', this.#console.snapshot());
    this.#console.on('update', update);
    response.on('close', () => this.#console.off('update', update));
  }

  #refuse(response: ServerResponse, error: unknown): void {
    if (response.headersSent) {
      response.destroy();
      return;
    }
    const isUsage = error instanceof UsageError;
    const status = error instanceof Refusal ? error.status : isUsage ? 400 : 500;
    const answer = { field: isUsage ? error.option : '', message: isUsage ? inWordsOfThePage(error) : messageOf(error) };
    // What is left of a body that is too long is not read.
    if (status === 413) response.setHeader('connection', 'close');
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer));
  }
}
