import { createHash } from 'node:crypto';
import type { ConfigurationBox, ConfigurationData } from './configuration-data';
import { HandshakeState } from './handshake-state';
import { NativeVerification, type NativeConnection, type NativeContextOptions } from './internal/native-types';
import { SslOption } from './qssl';
import { SslMode } from './qsslsocket';

const NOTHING = Buffer.alloc(0);
const FORBIDDING = SslOption.SslOptionDisableSessionPersistence | SslOption.SslOptionDisableSessionTickets;

/** Whether sessions may be continued by tickets. */
function keepsSessions(data: ConfigurationData): boolean {
  return (data.sslOptions & FORBIDDING) === 0;
}

/**
 * What sessions made with these settings are bound to: 32 bytes. What was checked is always part of it, for a resumed
 * handshake checks nothing: a session of other checks, or of other roots, must not be continued. The rest, who we are, is
 * what the application says it is, or our certificates.
 */
function sessionIdContextOf(data: ConfigurationData, verification: NativeVerification): Buffer {
  const fingerprints = (list: ConfigurationData['caCertificates']): readonly string[] | null =>
    list?.map((certificate) => certificate.fingerprint256()) ?? null;
  const content = {
    verification,
    depth: data.peerVerifyDepth,
    trusted: verification === NativeVerification.Verify ? fingerprints(data.caCertificates) : null,
    protocol: data.protocol,
    ciphers: data.ciphers?.map((cipher) => cipher.name()) ?? null,
    commands: [...data.backendConfiguration],
    self: data.sessionIdContext.length > 0 ? data.sessionIdContext.toString('hex') : fingerprints(data.localCertificateChain),
  };
  return createHash('sha256').update(JSON.stringify(content)).digest();
}

/** What a context has to know about sessions. */
export function resumptionFor(
  data: ConfigurationData,
  verification: NativeVerification,
): Pick<NativeContextOptions, 'resumes' | 'ticketKeys' | 'sessionIdContext'> {
  if (!keepsSessions(data)) return { resumes: false, ticketKeys: NOTHING, sessionIdContext: NOTHING };
  return { resumes: true, ticketKeys: data.sessionTicketKeys, sessionIdContext: sessionIdContextOf(data, verification) };
}

/** What a client with this configuration says of a name that it was told. */
export function sentServerName(data: ConfigurationData, name: string): string {
  return (data.sslOptions & SslOption.SslOptionDisableServerNameIndication) === 0 ? name : '';
}

/** Tells a client's connection the name and the session that its hello shall have, if any. Why not, or ''. */
export function prepareHello(connection: NativeConnection, data: ConfigurationData, serverName: string): string {
  const name = sentServerName(data, serverName);
  const session = keepsSessions(data) ? data.sessionTicket : NOTHING;
  return name === '' && session.length === 0 ? '' : connection.prepare(name, session);
}

/** What is read of an association that is being asked for its configuration. */
interface SessionHolder {
  readonly mode: SslMode;
  readonly state: HandshakeState;
  readonly settings: ConfigurationData;
  readonly connection: NativeConnection | null;
}

/** Puts a client's new session into the configuration that is read from it. */
export function putSession(box: ConfigurationBox, { mode, state, settings, connection }: SessionHolder): void {
  const isKept = mode === SslMode.SslClientMode && keepsSessions(settings);
  if (!isKept || connection === null || state !== HandshakeState.HandshakeComplete) return;
  box.data = { ...settings, sessionTicket: connection.session() };
  box.ticketLifetime = connection.ticketLifetime();
}
