import { invalidArgumentType } from '../argument-errors';
import { QSslConfiguration } from '../qsslconfiguration';
import { whenKnown } from './pre-shared-keys';
import type { DTLSSecureContext, ServerCredentialOptions } from './secure-context';

/** One identity: a context for servers, or the options of one. */
export type Identity = DTLSSecureContext | ServerCredentialOptions;

/** Identities by server name (`'*'`: for all others), or a function; nothing refuses the name. */
export type Sni =
  | Readonly<Record<string, Identity>>
  | ((servername: string | undefined) => Identity | null | undefined | Promise<Identity | null | undefined>);

/** Calls `use` with the configuration for a name ('' for none), or null: at once, or when the promise resolves. */
export type ChooseIdentity = (
  servername: string,
  use: (configuration: QSslConfiguration | null) => void,
) => void | Promise<void>;

/** What identities are made with. */
export interface IdentityScope {
  /** Of the endpoint: what is not particular to an identity. */
  readonly configuration: QSslConfiguration;
  readonly readIdentity: (value: unknown, name: string) => QSslConfiguration;
}

/** Makes what clients are asked for and the keys of tickets the endpoint's, for whichever name. */
function scoped({ configuration, readIdentity }: IdentityScope): (value: unknown, name: string) => QSslConfiguration {
  const known = new WeakMap<QSslConfiguration, QSslConfiguration>();
  return (value, name) => {
    const own = readIdentity(value, name);
    let identity = known.get(own);
    if (identity === undefined) {
      identity = new QSslConfiguration(own);
      identity.setPeerVerifyMode(configuration.peerVerifyMode());
      if (own.allowedNextProtocols().length === 0) identity.setAllowedNextProtocols(configuration.allowedNextProtocols());
      known.set(own, identity);
    }
    return identity;
  };
}

function isFunction(value: unknown): value is (servername: string | undefined) => unknown {
  return typeof value === 'function';
}

/** What the `sni` option means. */
export function identitiesOf(value: unknown, name: string, scope: IdentityScope): ChooseIdentity {
  const read = scoped(scope);
  if (isFunction(value)) {
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
