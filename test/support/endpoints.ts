import { once } from 'node:events';
import { connect, listen, type ConnectOptions, type DTLSEndpoint, type DTLSSession, type ListenOptions } from '../../lib/endpoint';
import { makeCredentials } from './credentials';

export const HOST = '127.0.0.1';

/** One root, a server's certificate for localhost, a client's. */
export const credentials = makeCredentials('ec-p256');

export const serverIdentity = { cert: credentials.server.chainPem, key: credentials.server.keyPem };
export const clientTrust = { ca: credentials.server.rootPem, servername: 'localhost' };
export const clientIdentity = { cert: credentials.client.chainPem, key: credentials.client.keyPem };

const open: DTLSEndpoint[] = [];

/** Whatever a test forgets to close. */
export async function closeEverything(): Promise<void> {
  await Promise.all(open.splice(0).map((endpoint) => endpoint.close().catch(() => undefined)));
}

/** A server on a free port of loopback; answers with what `serve` does. */
export function serve(onSession: (session: DTLSSession) => void, options: Partial<ListenOptions> = {}): DTLSEndpoint {
  const own = options.socket === undefined ? { host: HOST, port: 0 } : {};
  const identity = options.secureContext === undefined && options.psk === undefined ? serverIdentity : {};
  const endpoint = listen(onSession, { ...own, ...identity, ...options });
  open.push(endpoint);
  return endpoint;
}

/** A server that sends everything back. */
export function serveEcho(options: Partial<ListenOptions> = {}): DTLSEndpoint {
  return serve((session) => {
    session.onmessage = (data) => void session.send(data);
  }, options);
}

export function portOf(endpoint: DTLSEndpoint): number {
  const { address } = endpoint;
  if (address === undefined) throw new Error('the endpoint is not bound');
  return address.port;
}

/** A client of that server. */
export function join(endpoint: DTLSEndpoint, options: ConnectOptions = {}): DTLSSession {
  const trust = options.secureContext === undefined && options.psk === undefined ? clientTrust : {};
  const session = connect(HOST, portOf(endpoint), { ...trust, ...options });
  open.push(session.endpoint);
  return session;
}

/** What a session leaves to be resumed with, when it is open; closes it. */
export async function ticketOf(session: DTLSSession): Promise<Buffer> {
  await session.opened;
  const ticket = session.session;
  if (ticket === undefined) throw new Error('there is no ticket');
  await session.close();
  return ticket;
}

/** The next message. */
export async function heard(session: DTLSSession): Promise<string> {
  const messages: readonly unknown[] = await once(session, 'message');
  return String(messages[0]);
}

/** Sends a message and returns the answer. */
export async function ask(session: DTLSSession, message: string): Promise<string> {
  const answer = heard(session);
  session.send(message);
  return answer;
}

/** What a promise was rejected with. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: string }> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof Error) return error;
  }
  throw new Error('it was not rejected with an Error');
}
