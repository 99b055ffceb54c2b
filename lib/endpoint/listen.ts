import { isIP } from 'node:net';
import { invalidArgumentType, invalidArgumentValue } from '../argument-errors';
import { coded } from './errors';
import { CookieGate } from './cookie-gate';
import { makeEndpoint, type DTLSEndpoint } from './endpoint';
import { EndpointCore } from './endpoint-core';
import { openKeyLog, readPolicy, readSocket, readUdp, refuseWithSocket, type CommonOptions } from './endpoint-options';
import { OptionReader } from './option-reader';
import { contextOf, type DTLSSecureContext, type ServerCredentialOptions } from './secure-context';
import type { DTLSSession } from './session';
import { BorrowedTransport, UdpTransport, type Transport, type UdpOptions } from './transport';

/** What listen() can be told. node:dtls: dtls.listen() */
export interface ListenOptions extends CommonOptions, ServerCredentialOptions {
  /** Instead of credentials among these options. */
  readonly secureContext?: DTLSSecureContext;
  /** Port to bind, 0 to 65535; 0: one that is free. Required unless there is a `socket`. */
  readonly port?: number;
  /** IP literal to bind to. Default: `'0.0.0.0'`. */
  readonly host?: string;
  /** Serve no IPv4 peers on an IPv6 address. Default: false. */
  readonly ipv6Only?: boolean;
  /** Lets several processes bind the port (SO_REUSEPORT): Node 22.12, 23.1 or newer, not on Windows and macOS. Give them one `cookieSecret`, and one `ticketKeys`. Default: false. */
  readonly reusePort?: boolean;
  /** Sessions at one time; 0: no limit. Default: 10000. */
  readonly maxSessions?: number;
  /** Sessions at one time from one IPv4 address, or one IPv6 /64. Default: 1000. */
  readonly maxSessionsPerHost?: number;
  /** What cookies are made with, the same for all who share a port. Default: 32 random bytes. Extension. */
  readonly cookieSecret?: string | NodeJS.ArrayBufferView;
}

const OF_OWN_SOCKETS = [
  ...['port', 'host', 'ipv6Only', 'reusePort', 'udpReceiveBufferSize', 'udpSendBufferSize', 'udpTTL'],
];

/** Node's versions whose dgram has `reusePort`. */
function hasReusePort(): boolean {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  return major > 23 || (major === 23 && minor >= 1) || (major === 22 && minor >= 12);
}

function readReusePort(options: OptionReader): boolean {
  if (!options.boolean('reusePort', false)) return false;
  if (hasReusePort()) return true;
  const text = `The "${options.nameOf('reusePort')}" argument needs Node 22.12, 23.1 or newer. This is ${process.versions.node}`;
  throw coded(text, 'ERR_FEATURE_UNAVAILABLE_ON_PLATFORM');
}

function readAddress(options: OptionReader): UdpOptions {
  const port = options.integer('port', { min: 0, max: 65535 });
  if (port === null) throw invalidArgumentType(options.nameOf('port'), 'an integer from 0 to 65535', undefined);
  const host = options.string('host') ?? '0.0.0.0';
  if (isIP(host) === 0) throw invalidArgumentValue(options.nameOf('host'), 'an IPv4 or IPv6 literal', host);
  const ipv6Only = options.boolean('ipv6Only', false);
  return { port, host, ipv6Only, reusePort: readReusePort(options), ...readUdp(options) };
}

/** Reads everything, and opens it later: nothing is bound before all options are right. */
function readTransport(options: OptionReader): () => Transport {
  const socket = readSocket(options);
  if (socket === null) {
    const udp = readAddress(options);
    return () => new UdpTransport(udp);
  }
  refuseWithSocket(options, OF_OWN_SOCKETS);
  return () => new BorrowedTransport(socket);
}

function readSecret(options: OptionReader): Buffer | null {
  const secret = options.bytes('cookieSecret');
  if (secret?.length === 0) throw invalidArgumentValue(options.nameOf('cookieSecret'), 'not empty', secret);
  return secret;
}

/**
 * Makes a server. Who shows by a cookie that he receives at his address gets a session, which the callback hears of before
 * its handshake; one datagram of a handshake is dealt with per turn of the loop, messages at once.
 *
 * @throws TypeError, RangeError - naming the option, before anything is bound; the system's error if the address cannot be bound.
 * node:dtls: dtls.listen()
 */
export function listen(callback: (session: DTLSSession) => void, options: ListenOptions): DTLSEndpoint {
  if (typeof callback !== 'function') throw invalidArgumentType('callback', 'a function', callback);
  const reader = new OptionReader(options);
  const context = contextOf(reader, true);
  const openTransport = readTransport(reader);
  const limits = {
    maxSessions: reader.count('maxSessions', 10_000),
    maxSessionsPerHost: reader.count('maxSessionsPerHost', 1000),
  };
  const gate = new CookieGate(readSecret(reader));
  const policy = readPolicy(reader, context);
  const idleTimeout = reader.count('idleTimeout', 0);
  const keyLogFile = reader.string('keyLogFile');
  reader.finish();

  const transport = openTransport();
  const service = { configuration: context.configuration, gate, onSession: callback, ...limits };
  const keyLog = openKeyLog(keyLogFile, transport);
  const core = new EndpointCore(makeEndpoint, { policy, service, idleTimeout, keyLog });
  core.attach(transport);
  return core.endpoint;
}
