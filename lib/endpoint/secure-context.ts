import { invalidArgumentType, invalidArgumentValue } from '../argument-errors';
import { QDtls } from '../qdtls';
import type { QSslConfiguration } from '../qsslconfiguration';
import { SslMode } from '../qsslsocket';
import { readConfiguration } from './credentials';
import { illegalConstructor } from './errors';
import { OptionReader } from './option-reader';
import { clientPsk, serverPsk, type AnswerPsk, type ClientPsk, type ServerPsk } from './pre-shared-keys';
import { identitiesOf, type ChooseIdentity, type Sni } from './server-names';

/** Text for its UTF-8 form, or bytes. node:dtls: its arguments */
export type Data = string | NodeJS.ArrayBufferView;

/** What both sides can say of themselves and of whom they believe. node:dtls: dtls.createSecureContext() */
export interface CredentialOptions {
  /** Certificate chain, leaf first, in PEM format. Needs `key`. */
  readonly cert?: Data;
  /** Private key of the certificate in PEM format. */
  readonly key?: Data;
  /** Opens an encrypted `key`. */
  readonly passphrase?: string;
  /** Certificates, in PEM format, that the peer's chain may end in. Default: the roots of this system. */
  readonly ca?: Data | readonly Data[];
  /** OpenSSL cipher list. Default: authenticated encryption with forward secrecy, and PSK suites only with `psk`. */
  readonly ciphers?: string;
  /** Names of curves with colons between them, or `'auto'` (the default). */
  readonly ecdhCurve?: string;
  /** Protocol names of 1 to 255 bytes, best first; or the same in wire format. */
  readonly alpn?: readonly string[] | NodeJS.ArrayBufferView;
  /** SRTP protection profiles with colons between them, best first. */
  readonly srtp?: string;
  /** Whether a peer whose certificate does not pass is refused. Default: true. */
  readonly rejectUnauthorized?: boolean;
  /** Oldest version: `'DTLSv1'` or `'DTLSv1.2'` (the default). Extension. */
  readonly minVersion?: 'DTLSv1' | 'DTLSv1.2';
  /** Whether sessions can be resumed. A ticket opens a session for two hours, also when a key or certificate was withdrawn since. Default: true. Extension. */
  readonly resumption?: boolean;
  /** Newest version, likewise. Extension. */
  readonly maxVersion?: 'DTLSv1' | 'DTLSv1.2';
}

/** What only servers can say. node:dtls: dtls.createSecureContext() */
export interface ServerCredentialOptions extends CredentialOptions {
  /** Whether clients are asked for a certificate. Default: false. */
  readonly requestCert?: boolean;
  /** Keys by identity, or a function that knows them, at once or by a promise. */
  readonly psk?: ServerPsk;
  /** Tells clients which key is wanted: at most 256 bytes. Needs `psk`. */
  readonly pskIdentityHint?: string;
  /** Identities by server name, or a function that knows them, at once or by a promise. */
  readonly sni?: Sni;
  /** Scopes resumable sessions: 1 to 32 bytes. Default: a digest of certificate, `ca` and `requestCert`. */
  readonly sessionIdContext?: string;
  /** 80 bytes that seal session tickets. Default: random. */
  readonly ticketKeys?: NodeJS.ArrayBufferView;
}

/** What only clients can say. node:dtls: dtls.createSecureContext() */
export interface ClientCredentialOptions extends CredentialOptions {
  /** Who this client is, or a function that knows it, at once or by a promise. */
  readonly psk?: ClientPsk;
}

/** What createSecureContext() can be told. node:dtls: dtls.createSecureContext() */
export type SecureContextOptions =
  | (ServerCredentialOptions & { readonly isServer: true })
  | (ClientCredentialOptions & { readonly isServer?: false });

/** What a context holds. */
export interface ContextSettings {
  readonly isServer: boolean;
  readonly configuration: QSslConfiguration;
  readonly rejectUnauthorized: boolean;
  readonly answerPsk: AnswerPsk | null;
  /** Null: there is one identity only. */
  readonly chooseIdentity: ChooseIdentity | null;
  /** The options that it was made of. */
  readonly given: ReadonlySet<string>;
}

let settings: (context: DTLSSecureContext) => ContextSettings;

const MADE_HERE = Symbol('createSecureContext');

/** Credentials and settings to be used again and again: made by createSecureContext(). node:dtls: DTLSSecureContext */
export class DTLSSecureContext {
  readonly #settings: ContextSettings;

  /** @internal */
  constructor(token: symbol, content: ContextSettings) {
    if (token !== MADE_HERE) throw illegalConstructor();
    this.#settings = content;
  }

  /** Whether it is for a server. node:dtls: secureContext.isServer */
  get isServer(): boolean {
    return this.#settings.isServer;
  }

  static {
    settings = (context) => context.#settings;
  }
}

const SERVERS_ONLY = ['requestCert', 'sessionIdContext', 'sni', 'pskIdentityHint', 'ticketKeys'];
const FOR_BOTH = [
  ...['cert', 'key', 'passphrase', 'ca', 'ciphers', 'ecdhCurve', 'alpn', 'srtp', 'rejectUnauthorized'],
  ...['minVersion', 'maxVersion', 'psk', 'resumption'],
];

/** Reads the options of a context out of those of a call. */
function readSettings(options: OptionReader, isServer: boolean): ContextSettings {
  if (!isServer) refuse(options, SERVERS_ONLY, 'absent: it is for servers only');
  const psk = options.take('psk');
  const answerPsk = psk === undefined ? null : (isServer ? serverPsk : clientPsk)(psk, options.nameOf('psk'));
  const requestCert = isServer && options.boolean('requestCert', false);
  const purpose = { isServer, hasPsk: answerPsk !== null, requestCert };
  const configuration = readConfiguration(options, purpose);
  const hint = isServer ? options.string('pskIdentityHint') : null;
  if (hint !== null) {
    if (answerPsk === null) throw invalidArgumentValue(options.nameOf('pskIdentityHint'), 'given with psk only', hint);
    configuration.setPreSharedKeyIdentityHint(hint);
  }
  const sni = isServer ? options.take('sni') : undefined;
  const name = options.nameOf('sni');
  const content: ContextSettings = {
    isServer,
    configuration,
    rejectUnauthorized: options.boolean('rejectUnauthorized', true),
    answerPsk,
    chooseIdentity: sni === undefined ? null : identitiesOf(sni, name, { configuration, given: options.given, readIdentity }),
    given: options.given,
  };
  tryOut(options, content);
  return content;
}

/** Which option a complaint is about, by its first words. */
const SUBJECTS = [
  ['the private key', 'key'],
  ['the SRTP profile', 'srtp'],
  ['the elliptic curve', 'ecdhCurve'],
  ['the pre-shared key identity hint', 'pskIdentityHint'],
] as const;

/** A server without any identity could not serve anybody. */
function tryOut(options: OptionReader, { isServer, configuration, answerPsk, chooseIdentity }: ContextSettings): void {
  if (isServer && configuration.localCertificate().isNull() && answerPsk === null && chooseIdentity === null) {
    throw invalidArgumentValue('options', 'cert and key, psk or sni: a server needs one of them', {});
  }
  const trial = new QDtls(isServer ? SslMode.SslServerMode : SslMode.SslClientMode);
  trial.setDtlsConfiguration(configuration);
  if (trial.checkConfiguration()) return;
  const reason = trial.dtlsErrorString();
  const option = SUBJECTS.find(([subject]) => reason.startsWith(subject))?.[1];
  const [name, value] = option === undefined ? ['options', {}] : [options.nameOf(option), options.take(option)];
  throw invalidArgumentValue(name, `what OpenSSL can work with: ${reason}`, value);
}

function refuse(options: OptionReader, names: readonly string[], expectation: string): void {
  for (const name of names) {
    if (options.has(name)) throw invalidArgumentValue(options.nameOf(name), expectation, options.take(name));
  }
}

/** What an entry of `sni` means: a context, or the options of one. */
function readIdentity(value: unknown, name: string): ContextSettings {
  if (value instanceof DTLSSecureContext) {
    if (value.isServer) return settings(value);
    throw invalidArgumentValue(name, 'a context that was made with isServer: true', value);
  }
  const options = new OptionReader(value, name);
  if (!options.boolean('isServer', true)) throw invalidArgumentValue(options.nameOf('isServer'), 'true', false);
  const content = readSettings(options, true);
  options.finish();
  return content;
}

/** The settings of listen() or connect(): those of `secureContext`, or the ones among its own options. */
export function contextOf(options: OptionReader, isServer: boolean): ContextSettings {
  const context = options.take('secureContext');
  if (context === undefined) return readSettings(options, isServer);
  const name = options.nameOf('secureContext');
  if (!(context instanceof DTLSSecureContext)) {
    throw invalidArgumentType(name, 'a DTLSSecureContext made by createSecureContext()', context);
  }
  if (context.isServer !== isServer) {
    throw invalidArgumentValue(name, `a context that was made with isServer: ${isServer}`, context);
  }
  refuse(options, [...FOR_BOTH, ...SERVERS_ONLY], 'absent: the secureContext carries it');
  return settings(context);
}

/**
 * Makes a context once for many endpoints and connections.
 *
 * @throws TypeError, RangeError - with the code ERR_INVALID_ARG_TYPE, ERR_INVALID_ARG_VALUE or ERR_OUT_OF_RANGE, naming the
 *   option: for unknown ones, those for servers without `isServer`, and what OpenSSL cannot work with.
 * node:dtls: dtls.createSecureContext()
 */
export function createSecureContext(options: SecureContextOptions = {}): DTLSSecureContext {
  const reader = new OptionReader(options);
  const content = readSettings(reader, reader.boolean('isServer', false));
  reader.finish();
  return new DTLSSecureContext(MADE_HERE, content);
}
