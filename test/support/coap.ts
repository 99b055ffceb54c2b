import { Agent, createServer, type CoapRequestParams, type IncomingMessage, type OutgoingMessage, type Server } from 'coap';
import type { DTLSEndpoint, DTLSSession, ListenOptions } from '../../lib/endpoint';
import { serve } from './endpoints';

/** What a server does with a request. */
export type Respond = (request: IncomingMessage, response: OutgoingMessage) => void;

/** An answer, read to its end. */
export interface CoapAnswer {
  readonly code: string;
  readonly payload: Buffer;
}

const servers: Server[] = [];
const agents: Agent[] = [];

/** Ends the timers of servers that answered, and of clients that asked: for afterEach(). */
export function stopCoap(): void {
  for (const agent of agents.splice(0)) agent.close();
  for (const server of servers.splice(0)) server.close();
}

/** npm's coap over an endpoint of ours. */
export function serveCoap(respond: Respond, options: Partial<ListenOptions> = {}): DTLSEndpoint {
  const endpoint = serve(() => undefined, options);
  const server = createServer();
  server.on('request', respond);
  server.listen(endpoint.toSocket());
  servers.push(server);
  return endpoint;
}

/** npm's coap over a session of ours. */
export class CoapClient {
  readonly #agent: Agent;
  readonly #target: { hostname: string; port: number };

  constructor(session: DTLSSession) {
    const { address, port } = session.remoteAddress;
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment -- instanceof holds for a view
    this.#agent = new Agent({ socket: session.toSocket() });
    agents.push(this.#agent);
    this.#target = { hostname: address, port };
  }

  /** Sends a request; resolves to the message that answers it. */
  request(params: CoapRequestParams, payload: string | Buffer = ''): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const request = this.#agent.request({ ...this.#target, ...params });
      request.on('response', resolve).on('error', reject).on('timeout', reject);
      request.end(payload);
    });
  }

  /** The same, read to its end. */
  async ask(params: CoapRequestParams, payload: string | Buffer = ''): Promise<CoapAnswer> {
    const { code, payload: answer } = await this.request(params, payload);
    return { code, payload: answer };
  }
}
