import { COMMANDS, type CommandName } from '../commands';
import { UsageError } from '../usage-error';
import type { TestCertificates } from './test-certificates';

/** What a form of the page holds: texts, and true for what is ticked. Names are those of the command line. */
export type Fields = Readonly<Record<string, string | boolean>>;

type FormName = Extract<CommandName, 'server' | 'client'>;

/** How the page calls what the command line calls otherwise. */
export const LABELS: Readonly<Record<string, string>> = {
  address: 'Address',
  host: 'Host',
  port: 'Port',
  'local-port': 'Local port',
  connections: 'Connections',
  'ping-interval': 'Ping every',
  message: 'Message',
  count: 'Pings',
  mtu: 'MTU',
  'handshake-deadline': 'Handshake deadline',
  'obey-alerts': 'Believe unsigned alerts',
  'no-cookies': 'No cookies',
  psk: 'Key',
  'psk-identity': 'Identity',
  cert: 'Certificate',
  key: 'Private key',
  passphrase: 'Passphrase',
  ca: 'Authorities',
  name: 'Name in certificate',
  insecure: 'Accept any certificate',
  'require-client-cert': 'Require client certificates',
  ciphers: 'Cipher suites',
  credentials: 'Proof of identity',
};

/** Options that only one kind of proof has; all others belong to every kind. */
const PROOF_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  psk: ['psk', 'psk-identity'],
  test: ['require-client-cert'],
  own: ['cert', 'key', 'passphrase', 'ca', 'name', 'insecure', 'require-client-cert'],
};

const ALL_PROOF_OPTIONS = new Set(Object.values(PROOF_OPTIONS).flat());

/** Texts in which spaces at the ends may be meant. */
const SPACES_COUNT = new Set(['message', 'passphrase', 'psk-identity']);

/** Whether it is what a form may hold; nothing is said yet of what is in it. */
export function isFields(value: unknown): value is Fields {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  return Object.values(value).every((entry) => typeof entry === 'string' || typeof entry === 'boolean');
}

function textOf(fields: Fields, name: string): string {
  const value = fields[name];
  if (typeof value !== 'string') return '';
  return SPACES_COUNT.has(name) ? value : value.trim();
}

function testFields(form: FormName, fields: Fields, certificates: TestCertificates | null): Fields {
  if (certificates === null) {
    const received = 'there are none yet: the button "Make test certificates" makes them';
    throw UsageError.ofOption('credentials', 'name certificates that exist', received);
  }
  const { authorityPem } = certificates;
  const { certificatePem, keyPem } = certificates[form];
  const identity = { cert: certificatePem, key: keyPem };
  if (form === 'client') return { ...identity, ca: authorityPem };
  return { ...identity, ...(fields['require-client-cert'] === true ? { ca: authorityPem } : {}) };
}

/** What the command line leaves open or fills in silently, a form has to say. */
function ownFields(form: FormName, fields: Fields): Fields {
  if (form === 'server') {
    if (textOf(fields, 'cert') !== '') return {};
    throw UsageError.ofOption('cert', 'be a file on this machine or a PEM text', 'it is empty');
  }
  const verifies = fields['insecure'] !== true && textOf(fields, 'name') === '';
  return verifies ? { name: textOf(fields, 'host') || '127.0.0.1' } : {};
}

/**
 * The arguments of `qdtls server` or `qdtls client` that say the same as a form. Throws {@link UsageError}
 * for a field that the form does not have.
 */
export function argumentsOf(form: FormName, fields: Fields, certificates: TestCertificates | null): string[] {
  const kind = textOf(fields, 'credentials') || 'psk';
  const proof = PROOF_OPTIONS[kind];
  if (proof === undefined) throw UsageError.ofOption('credentials', 'be psk, test or own', `${JSON.stringify(kind)} was given`);
  const further = kind === 'psk' ? {} : kind === 'test' ? testFields(form, fields, certificates) : ownFields(form, fields);
  const known = new Set(COMMANDS[form].groups.flatMap(({ options }) => options.map(({ name }) => name)));
  const typed = Object.keys(fields).filter((name) => name !== 'credentials' && (proof.includes(name) || !ALL_PROOF_OPTIONS.has(name)));
  const unknown = typed.find((name) => !known.has(name) || name === 'help' || name === 'for');
  if (unknown !== undefined) throw UsageError.ofOption(unknown, 'be a field of this form', 'it is none');
  const all: Fields = { ...Object.fromEntries(typed.map((name) => [name, fields[name] ?? ''])), ...further };
  return Object.keys(all).flatMap((name) => {
    if (all[name] === true) return [`--${name}`];
    const text = textOf(all, name);
    return text === '' ? [] : [`--${name}=${text}`];
  });
}

/** The complaint about a command line as one about a form: with labels in place of options. */
export function inWordsOfThePage({ message }: UsageError): string {
  const quoted = (name: string): string => `“${LABELS[name] ?? name}”`;
  return message
    .replace(/^The --([a-z-]+) option/, (_, name: string) => quoted(name))
    .replace(/--([a-z]+(?:-[a-z]+)*)/g, (_, name: string) => quoted(name));
}
