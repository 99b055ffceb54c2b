import { lookup as dnsLookup } from 'node:dns';
import { isIP, isIPv6 } from 'node:net';
import { argumentOutOfRange, invalidArgumentType, invalidArgumentValue } from '../argument-errors';
import { QSslConfiguration } from '../qsslconfiguration';
import { errorFrom } from './errors';
import { makeEndpoint } from './endpoint';
import { EndpointCore } from './endpoint-core';
import { openKeyLog, readPolicy, readSocket, readUdp, refuseWithSocket, type CommonOptions } from './endpoint-options';
import { OptionReader } from './option-reader';
import { contextOf, type ClientCredentialOptions, type DTLSSecureContext } from './secure-context';
import type { DTLSSession } from './session';
import type { SessionCore } from './session-core';
import { unpackSession } from './session-ticket';
import { BorrowedTransport, UdpTransport, type DatagramTransport, type Transport } from './transport';

/** Looks a host name up, as dns.lookup() does. Extension. */
export type Lookup = (
  hostname: string,
  options: { readonly family: 0 | 4 | 6 },
  callback: (error: Error | null, address: string, family: number) => void,
) => void;

/** What connect() can be told. node:dtls: dtls.connect() */
export interface ConnectOptions extends CommonOptions, ClientCredentialOptions {
  /** Instead of credentials among these options. */
  readonly secureContext?: DTLSSecureContext;
  /** `session.session` of an earlier connection to the same name, to be resumed. */
  readonly session?: NodeJS.ArrayBufferView;
  /** Name to ask for and to find in the certificate. Default: the host. `''`: none is asked for, and the host must be in the certificate. */
  readonly servername?: string;
  /** IP literal to bind to, of the peer's family. Default: any. */
  readonly bindHost?: string;
  /** Port to bind, 0 to 65535. Default: 0, one that is free. */
  readonly bindPort?: number;
  /** Gives up: the session ends with the signal's reason. Extension. */
  readonly signal?: AbortSignal;
  /** Looks host names up. Default: dns.lookup(), IPv4 before IPv6: with UDP nobody says that nobody listens there. Extension. */
  readonly lookup?: Lookup;
}

const OF_OWN_SOCKETS = ['bindHost', 'bindPort', 'udpReceiveBufferSize', 'udpSendBufferSize', 'udpTTL'];

/** How to get a transport, once the family of the peer's address is known. */
interface Way {
  /** Of bindHost, or 0. */
  readonly family: 0 | 4 | 6;
  open(remoteAddress: string): Transport;
}

function familyNumber(address: string): 0 | 4 | 6 {
  const family = isIP(address);
  return family === 4 || family === 6 ? family : 0;
}

function readWay(options: OptionReader): Way {
  const socket: DatagramTransport | null = readSocket(options);
  if (socket !== null) {
    refuseWithSocket(options, OF_OWN_SOCKETS);
    return { family: 0, open: () => new BorrowedTransport(socket) };
  }
  const bindHost = options.string('bindHost');
  if (bindHost !== null && isIP(bindHost) === 0) {
    throw invalidArgumentValue(options.nameOf('bindHost'), 'an IPv4 or IPv6 literal', bindHost);
  }
  const port = options.integer('bindPort', { min: 0, max: 65535 }) ?? 0;
  const udp = { ...readUdp(options), port, ipv6Only: false, reusePort: false };
  const any = (remote: string): string => (isIPv6(remote) ? '::' : '0.0.0.0');
  return {
    family: bindHost === null ? 0 : familyNumber(bindHost),
    open: (remote) => new UdpTransport({ ...udp, host: bindHost ?? any(remote) }),
  };
}

/** The configuration for this connection: that of the context, with the session to be resumed. */
function readSession(options: OptionReader, configuration: QSslConfiguration, identity: string): QSslConfiguration {
  const bytes = options.view('session');
  if (bytes === null) return configuration;
  const saved = unpackSession(bytes);
  const name = options.nameOf('session');
  if (saved === null) throw invalidArgumentValue(name, 'what session.session of an earlier connection gave', bytes);
  if (saved.identity !== identity) {
    throw invalidArgumentValue(name, `of a session with "${identity}", not with "${saved.identity}"`, bytes);
  }
  const own = new QSslConfiguration(configuration);
  own.setSessionTicket(saved.encoding);
  return own;
}

/** Host names have at most 255 bytes (RFC 1035 section 2.3.4). */
function isUsableName(name: string): boolean {
  return Buffer.byteLength(name) <= 255 && !name.includes('\0');
}

function readServerName(options: OptionReader): string | null {
  const name = options.string('servername');
  if (name === null || isUsableName(name)) return name;
  throw invalidArgumentValue(options.nameOf('servername'), 'a host name of at most 255 bytes', name);
}

function readSignal(options: OptionReader): AbortSignal | null {
  const signal = options.take('signal');
  if (signal === undefined) return null;
  if (signal instanceof AbortSignal) return signal;
  throw invalidArgumentType(options.nameOf('signal'), 'an AbortSignal', signal);
}

function isLookup(value: unknown): value is Lookup {
  return typeof value === 'function';
}

function checkTarget(host: unknown, port: unknown): void {
  if (typeof host !== 'string') throw invalidArgumentType('host', 'a host name or an IP literal', host);
  if (host === '' || !isUsableName(host)) throw invalidArgumentValue('host', 'a host name or an IP literal', host);
  const expectation = 'an integer from 1 to 65535';
  if (typeof port !== 'number') throw invalidArgumentType('port', expectation, port);
  if (!Number.isInteger(port) || port < 1 || port > 65535) throw argumentOutOfRange('port', expectation, port);
}

function resolve(host: string, family: 0 | 4 | 6, lookup: Lookup, use: (error: Error | null, address: string) => void): void {
  let isKnown = isIP(host) !== 0;
  if (isKnown) {
    process.nextTick(use, null, host);
    return;
  }
  // A function of the user's: the first answer counts, and what it throws is one.
  const once = (error: Error | null, address: string): void => {
    if (isKnown) return;
    isKnown = true;
    process.nextTick(use, error, address);
  };
  try {
    lookup(host, { family }, once);
  } catch (error) {
    once(errorFrom(error), '');
  }
}

function abortError(signal: AbortSignal): Error {
  return errorFrom(signal.reason);
}

/** Ends the session when the signal says so. */
function obey(core: SessionCore, signal: AbortSignal): void {
  const abort = (): void => core.destroy(abortError(signal));
  if (signal.aborted) process.nextTick(abort);
  signal.addEventListener('abort', abort, { once: true });
  core.session.once('close', () => signal.removeEventListener('abort', abort));
}

/**
 * Begins a session with a server: `session.opened` resolves when its handshake is complete. The session has an endpoint of its
 * own, which ends with it.
 *
 * @param host - Name or IP literal.
 * @param port - 1 to 65535.
 * @throws TypeError, RangeError - naming the option, before anything is bound; with a literal, the system's error if the local
 *   address cannot be bound. What goes wrong later rejects `opened`.
 * node:dtls: dtls.connect()
 */
export function connect(host: string, port: number, options: ConnectOptions = {}): DTLSSession {
  checkTarget(host, port);
  const reader = new OptionReader(options);
  const context = contextOf(reader, false);
  const way = readWay(reader);
  const named = readServerName(reader);
  const verificationName = named === null || named === '' ? host : named;
  const servername = isIP(named ?? host) === 0 ? (named ?? host) : '';
  const configuration = readSession(reader, context.configuration, verificationName);
  const signal = readSignal(reader);
  const own = reader.take('lookup');
  if (own !== undefined && !isLookup(own)) throw invalidArgumentType(reader.nameOf('lookup'), 'a function', own);
  const policy = readPolicy(reader, context);
  const idleTimeout = reader.count('idleTimeout', 0);
  const keyLogFile = reader.string('keyLogFile');
  reader.finish();
  if (way.family !== 0 && isIP(host) !== 0 && way.family !== isIP(host)) {
    throw invalidArgumentValue(reader.nameOf('bindHost'), `of the family of ${host}`, options.bindHost);
  }

  const transport = isIP(host) === 0 ? null : way.open(host);
  const keyLog = openKeyLog(keyLogFile, transport);
  const endpoint = new EndpointCore(makeEndpoint, { policy, service: null, idleTimeout, keyLog });
  if (transport !== null) endpoint.attach(transport);
  const core = endpoint.makeClient({ configuration, verificationName, servername });
  if (signal !== null) obey(core, signal);
  const lookup: Lookup = own ?? ((name, { family }, done) => dnsLookup(name, { family, verbatim: false }, done));
  resolve(host, way.family, lookup, (error, address) => begin({ endpoint, core, way }, error, { address, port }));
  return core.session;
}

interface Attempt {
  readonly endpoint: EndpointCore;
  readonly core: SessionCore;
  readonly way: Way;
}

function begin({ endpoint, core, way }: Attempt, error: Error | null, remote: { address: string; port: number }): void {
  if (core.isOver) return;
  if (error !== null) { core.destroy(error); return; }
  try {
    if (endpoint.transport === null) endpoint.attach(way.open(remote.address));
    endpoint.transport?.connect?.(remote);
    endpoint.startClient(core, remote);
  } catch (problem) {
    core.destroy(errorFrom(problem));
  }
}
