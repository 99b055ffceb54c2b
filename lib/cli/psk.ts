import type { QSslPreSharedKeyAuthenticator } from '../index';
import type { CredentialOptions } from './options';

/** The one pre-shared key of a program, and the identity that goes with it. */
export interface PreSharedKey {
  readonly key: Buffer;
  /** A client presents it, a server insists on it; null: the connection's name, any. */
  readonly identity: string | null;
}

/** Answers a server's question for the key of a client. Returns what happened, as a text for people. */
export function answerAsServer(
  authenticator: QSslPreSharedKeyAuthenticator,
  { key, identity }: PreSharedKey,
): string {
  const presented = authenticator.identity().toString('utf8');
  const served = identity === null || identity === presented;
  if (served) authenticator.setPreSharedKey(key);
  return `the client's PSK identity is "${presented}"${served ? '' : ', which is not served'}`;
}

/** Answers a client's question for its identity and key. Returns what happened, as a text for people. */
export function answerAsClient(
  authenticator: QSslPreSharedKeyAuthenticator,
  { key, identity }: PreSharedKey,
  name: string,
): string {
  const own = identity ?? name;
  const hint = authenticator.identityHint().toString('utf8');
  authenticator.setIdentity(own);
  authenticator.setPreSharedKey(key);
  return `the server asks for a pre-shared key (hint "${hint}"), answered with the identity "${own}"`;
}

/** The key that a command's options name, or null when certificates alone decide. */
export function preSharedKeyOf({ psk, pskIdentity }: CredentialOptions): PreSharedKey | null {
  return psk === null ? null : { key: psk, identity: pskIdentity };
}
