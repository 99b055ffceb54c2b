import { invalidArgumentType } from '../argument-errors';
import { QSslConfiguration } from '../qsslconfiguration';
import { isCallable } from './option-reader';
import type { DTLSSecureContext, ServerCredentialOptions } from './secure-context';
import { whenKnown } from './when-known';

/** One identity: a context for servers, or the options of one. node:dtls: the option sni */
export type Identity = DTLSSecureContext | ServerCredentialOptions;

/** Identities by server name (`'*'`: for all others), or a function; nothing refuses the name. node:dtls: the option sni */
export type Sni =
  | Readonly<Record<string, Identity>>
  | ((servername: string | undefined) => Identity | null | undefined | Promise<Identity | null | undefined>);

/** Calls `use` with the configuration for a name ('' for none), or null: at once, or when the promise resolves. */
export type ChooseIdentity = (
  servername: string,
  use: (configuration: QSslConfiguration | null) => void,
) => void | Promise<void>;

/** Settings, and which options they were made of. */
export interface Settings {
  readonly configuration: QSslConfiguration;
  readonly given: ReadonlySet<string>;
}

/** What identities are made with: the settings of their endpoint, and who can read what is an identity. */
export interface IdentityScope extends Settings {
  readonly readIdentity: (value: unknown, name: string) => Settings;
}

/** What an identity takes over from its endpoint where it says nothing itself. */
const INHERITED: readonly (readonly [options: readonly string[], take: (to: QSslConfiguration, from: QSslConfiguration) => void])[] = [
  [['ca'], (to, from) => to.setCaCertificates(from.caCertificates())],
  [['alpn'], (to, from) => to.setAllowedNextProtocols(from.allowedNextProtocols())],
  [['srtp'], (to, from) => to.setSrtpProfiles(from.srtpProfiles())],
  [['minVersion', 'maxVersion'], (to, from) => to.setProtocol(from.protocol())],
  [['ecdhCurve'], (to, from) => to.setEllipticCurves(from.ellipticCurves())],
];

function within(scope: Settings, own: Settings): QSslConfiguration {
  const identity = new QSslConfiguration(own.configuration);
  // Whom clients have to be, and which keys they may have, is the endpoint's to say, for whichever name.
  identity.setPeerVerifyMode(scope.configuration.peerVerifyMode());
  if (!own.given.has('ciphers')) {
    identity.setCiphers(scope.configuration.ciphers());
    identity.setBackendConfiguration(scope.configuration.backendConfiguration());
  }
  for (const [options, take] of INHERITED) {
    const isOwn = options.some((option) => own.given.has(option));
    if (!isOwn && options.some((option) => scope.given.has(option))) take(identity, scope.configuration);
  }
  return identity;
}

/** Makes each identity once. */
function scoped(scope: IdentityScope): (value: unknown, name: string) => QSslConfiguration {
  const known = new WeakMap<QSslConfiguration, QSslConfiguration>();
  return (value, name) => {
    const own = scope.readIdentity(value, name);
    let identity = known.get(own.configuration);
    if (identity === undefined) {
      identity = within(scope, own);
      known.set(own.configuration, identity);
    }
    return identity;
  };
}

/** What the `sni` option means. */
export function identitiesOf(value: unknown, name: string, scope: IdentityScope): ChooseIdentity {
  const read = scoped(scope);
  if (isCallable(value)) {
    return (servername, use) =>
      whenKnown(value(servername === '' ? undefined : servername), (identity) => {
        use(identity === null || identity === undefined ? null : read(identity, `the result of ${name}`));
      });
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalidArgumentType(name, 'an object with an identity for each name, or a function', value);
  }
  const identities = new Map(
    Object.entries(value).map(([key, identity]) => [key.toLowerCase(), read(identity, `${name}['${key}']`)]),
  );
  const fallback = identities.get('*') ?? null;
  return (servername, use) => use(identities.get(servername.toLowerCase()) ?? fallback);
}
