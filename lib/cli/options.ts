import { OptionReader } from './option-reader';
import {
  anyText,
  duration,
  hostName,
  ipAddress,
  preSharedKey,
  pskIdentity,
  wholeNumber,
} from './option-values';
import { UsageError } from './usage-error';

/** The port of Qt's secure UDP examples. */
export const DEFAULT_PORT = 22334;

/** The key that Qt's secure UDP examples share: known to everyone. */
export const EXAMPLE_KEY: Buffer = Buffer.from('1a2b3c4d5e6f', 'hex');

/** What one side proves itself with; null for what was not given. */
export interface CredentialOptions {
  /** The pre-shared key; null when certificates alone decide. */
  readonly psk: Buffer | null;
  readonly pskIdentity: string | null;
  readonly certificateFile: string | null;
  readonly keyFile: string | null;
  readonly passphrase: string | null;
  readonly caFile: string | null;
  readonly ciphers: string | null;
}

/** The credentials of both sides when nothing else is asked for. */
export const EXAMPLE_CREDENTIALS: CredentialOptions = {
  psk: EXAMPLE_KEY,
  pskIdentity: null,
  certificateFile: null,
  keyFile: null,
  passphrase: null,
  caFile: null,
  ciphers: null,
};

/** How either side leads its handshakes. */
export interface HandshakeOptions {
  /** Bytes of the largest handshake datagram, or 0 to let the library choose. */
  readonly mtu: number;
  /** Milliseconds that a handshake may take. */
  readonly handshakeDeadline: number;
  /** Whether an alert that nobody signed ends a handshake. */
  readonly obeyAlerts: boolean;
}

/** How handshakes are led when nothing else is asked for. */
export const DEFAULT_HANDSHAKE: HandshakeOptions = { mtu: 0, handshakeDeadline: 10_000, obeyAlerts: false };

/** Options of `qdtls server`; durations are milliseconds, null stands for "not limited". */
export interface ServerOptions extends HandshakeOptions {
  readonly address: string;
  readonly port: number;
  readonly cookies: boolean;
  readonly requireClientCertificate: boolean;
  readonly credentials: CredentialOptions;
  readonly runFor: number | null;
}

/** Options of `qdtls client`; durations are milliseconds, null stands for "not limited" or "not given". */
export interface ClientOptions extends HandshakeOptions {
  readonly host: string;
  readonly port: number;
  /** Local port of the first connection, or 0 for any. */
  readonly localPort: number;
  readonly connections: number;
  readonly pingInterval: number;
  readonly message: string | null;
  readonly count: number | null;
  readonly verificationName: string | null;
  readonly insecure: boolean;
  readonly credentials: CredentialOptions;
  readonly runFor: number | null;
}

/** Options of `qdtls demo`; durations are milliseconds. */
export interface DemoOptions {
  readonly port: number;
  readonly connections: number;
  readonly pingInterval: number;
  readonly mtu: number;
  /** Whether a page shows it. */
  readonly console: boolean;
  readonly runFor: number | null;
}

/** Options of `qdtls console`; null stands for "not limited". */
export interface ConsoleOptions {
  /** TCP port of the page, or 0 for any. */
  readonly port: number;
  readonly runFor: number | null;
}

const anyPort = wholeNumber('a port number', 0, 65535);
const remotePort = wholeNumber('a port number', 1, 65535);
const connectionCount = wholeNumber('a number of connections', 1, 1000);
const mtuBytes = wholeNumber('a number of bytes', 256, 65535);
const pingCount = wholeNumber('a number of pings', 1, 1_000_000_000);
const atLeastOneMillisecond = duration(1);
const atLeastTenMilliseconds = duration(10);

/** Throws when the first option was given, but not the one that gives it a meaning. */
function requireOption(read: OptionReader, option: string, needed: string): void {
  if (read.has(option) && !read.has(needed)) {
    throw UsageError.ofOption(option, `come with --${needed}`, `--${needed} was not given`);
  }
}

/** Throws when both options were given. */
function excludeOption(read: OptionReader, option: string, other: string): void {
  if (read.has(option) && read.has(other)) {
    throw UsageError.ofOption(option, `come without --${other}`, 'both were given');
  }
}

function readCredentials(read: OptionReader, certificateOptions: readonly string[]): CredentialOptions {
  for (const name of ['key', 'passphrase']) requireOption(read, name, 'cert');
  const usesCertificates = certificateOptions.some((name) => read.has(name));
  if (usesCertificates) requireOption(read, 'psk-identity', 'psk');
  return {
    psk: read.value('psk', preSharedKey) ?? (usesCertificates ? null : EXAMPLE_KEY),
    pskIdentity: read.value('psk-identity', pskIdentity),
    certificateFile: read.value('cert', anyText),
    keyFile: read.value('key', anyText),
    passphrase: read.value('passphrase', { ...anyText, secret: true }),
    caFile: read.value('ca', anyText),
    ciphers: read.value('ciphers', anyText),
  };
}

function readHandshakeOptions(read: OptionReader): HandshakeOptions {
  return {
    mtu: read.value('mtu', mtuBytes) ?? DEFAULT_HANDSHAKE.mtu,
    handshakeDeadline: read.value('handshake-deadline', atLeastOneMillisecond) ?? DEFAULT_HANDSHAKE.handshakeDeadline,
    obeyAlerts: read.has('obey-alerts'),
  };
}

/** Reads the arguments after `qdtls server`; throws {@link UsageError}. */
export function readServerOptions(args: readonly string[]): ServerOptions {
  const read = new OptionReader('server', args);
  requireOption(read, 'require-client-cert', 'cert');
  requireOption(read, 'ca', 'require-client-cert');
  return {
    address: read.value('address', ipAddress) ?? '0.0.0.0',
    port: read.value('port', anyPort) ?? DEFAULT_PORT,
    cookies: !read.has('no-cookies'),
    requireClientCertificate: read.has('require-client-cert'),
    credentials: readCredentials(read, ['cert']),
    ...readHandshakeOptions(read),
    runFor: read.value('for', atLeastOneMillisecond),
  };
}

/** Reads the arguments after `qdtls client`; throws {@link UsageError}. */
export function readClientOptions(args: readonly string[]): ClientOptions {
  const read = new OptionReader('client', args);
  const certificateOptions = ['ca', 'cert', 'name', 'insecure'];
  // A client that took either would leave it to the server how to prove itself.
  for (const name of certificateOptions) excludeOption(read, 'psk', name);
  for (const name of ['ca', 'name']) excludeOption(read, 'insecure', name);
  const localPort = read.value('local-port', remotePort) ?? 0;
  const connections = read.value('connections', connectionCount) ?? 1;
  if (localPort + connections - 1 > 65535) {
    const received = `${connections} ports from ${localPort} on do not exist`;
    throw UsageError.ofOption('local-port', 'leave a port for each connection', received);
  }
  return {
    host: read.value('host', hostName) ?? '127.0.0.1',
    port: read.value('port', remotePort) ?? DEFAULT_PORT,
    localPort,
    connections,
    pingInterval: read.value('ping-interval', atLeastTenMilliseconds) ?? 5000,
    message: read.value('message', anyText),
    count: read.value('count', pingCount),
    verificationName: read.value('name', hostName),
    insecure: read.has('insecure'),
    credentials: readCredentials(read, certificateOptions),
    ...readHandshakeOptions(read),
    runFor: read.value('for', atLeastOneMillisecond),
  };
}

/** Reads the arguments after `qdtls demo`; throws {@link UsageError}. */
export function readDemoOptions(args: readonly string[]): DemoOptions {
  const read = new OptionReader('demo', args);
  return {
    port: read.value('port', anyPort) ?? 0,
    connections: read.value('connections', connectionCount) ?? 1,
    pingInterval: read.value('ping-interval', atLeastTenMilliseconds) ?? 1000,
    mtu: read.value('mtu', mtuBytes) ?? 0,
    console: read.has('console'),
    runFor: read.value('for', atLeastOneMillisecond),
  };
}

/** Reads the arguments after `qdtls console`; throws {@link UsageError}. */
export function readConsoleOptions(args: readonly string[]): ConsoleOptions {
  const read = new OptionReader('console', args);
  return { port: read.value('port', anyPort) ?? 0, runFor: read.value('for', atLeastOneMillisecond) };
}
