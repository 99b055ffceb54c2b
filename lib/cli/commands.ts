/**
 * The subcommands of `qdtls` and their options, as the help shows them and as the option reader accepts
 * them.
 */

export type CommandName = 'server' | 'client' | 'demo' | 'console';

export interface OptionDescription {
  readonly name: string;
  /** What stands for the value in the help; a switch without a value has none. */
  readonly value?: string;
  /** A second name for the same option. */
  readonly alias?: string;
  readonly text: string;
}

export interface OptionGroup {
  readonly title: string;
  readonly options: readonly OptionDescription[];
}

export interface CommandDescription {
  readonly summary: string;
  readonly groups: readonly OptionGroup[];
  readonly examples: readonly string[];
}

const CERTIFICATES: readonly OptionDescription[] = [
  { name: 'cert', value: 'FILE', text: 'certificate to show to the peer (PEM, with its chain after it)' },
  { name: 'key', value: 'FILE', text: 'private key of --cert (PEM), unless it is in that file too' },
  { name: 'passphrase', value: 'TEXT', text: 'passphrase of the private key' },
];

const PSK: OptionDescription = {
  name: 'psk',
  value: 'HEX',
  text: 'pre-shared key; without any certificate option it is 1a2b3c4d5e6f, which is public: for trials only',
};

const CIPHERS: OptionDescription = {
  name: 'ciphers',
  value: 'LIST',
  text: 'cipher suites to choose from, as an OpenSSL cipher list',
};

const MTU: OptionDescription = {
  name: 'mtu',
  value: 'BYTES',
  text: 'largest datagram of a handshake, from 256 to 65535 (chosen automatically)',
};

const HANDSHAKE: readonly OptionDescription[] = [
  MTU,
  { name: 'handshake-deadline', value: 'DURATION', text: 'longest time that a handshake may take (10s)' },
  { name: 'obey-alerts', text: 'believe alerts that arrive during a handshake, although anybody can forge them' },
];

const FOR: OptionDescription = {
  name: 'for',
  value: 'DURATION',
  text: 'end after this time, such as 500ms, 5s or 1m (until Ctrl-C)',
};

const HELP: OptionGroup = {
  title: 'Other',
  options: [{ name: 'help', text: 'show this text and end' }],
};

const SERVER: CommandDescription = {
  summary:
    'Serves DTLS clients on one UDP port: verifies each by a cookie, shows what it sends,\n' +
    'and answers every message with an encrypted text that ends in ACK.',
  groups: [
    {
      title: 'Network',
      options: [
        { name: 'address', value: 'IP', alias: 'host', text: 'local address to listen at (0.0.0.0)' },
        { name: 'port', value: 'N', text: 'UDP port to listen at, 0 for any free one (22334)' },
        ...HANDSHAKE,
        { name: 'no-cookies', text: 'start handshakes without verifying the address of the client first' },
        FOR,
      ],
    },
    {
      title: 'Who is served',
      options: [
        PSK,
        { name: 'psk-identity', value: 'TEXT', text: 'serve only clients that name this identity (any)' },
        ...CERTIFICATES,
        { name: 'require-client-cert', text: 'refuse clients without a certificate that verifies' },
        {
          name: 'ca',
          value: 'FILE',
          text: 'authorities whose client certificates are accepted (those of the system)',
        },
        CIPHERS,
      ],
    },
    HELP,
  ],
  examples: [
    'qdtls server',
    'qdtls server --port 5684 --psk 00112233445566778899aabbccddeeff --psk-identity sensor-7',
    'qdtls server --cert server.pem --key server.key --require-client-cert --ca clients-ca.pem',
    'openssl s_client -dtls1_2 -psk 1a2b3c4d5e6f -connect 127.0.0.1:22334   (in another terminal)',
  ],
};

const CLIENT: CommandDescription = {
  summary:
    'Connects to a DTLS server and pings it. Ends with exit code 0 when every handshake was completed\n' +
    'and every ping got an answer, with 1 otherwise, and with 0 after Ctrl-C.',
  groups: [
    {
      title: 'Network',
      options: [
        { name: 'host', value: 'NAME', alias: 'address', text: 'name or address of the server (127.0.0.1)' },
        { name: 'port', value: 'N', text: 'UDP port of the server (22334)' },
        { name: 'local-port', value: 'N', text: 'own UDP port; further connections count up (any)' },
        { name: 'connections', value: 'N', text: 'number of connections, each with its own socket (1)' },
        ...HANDSHAKE,
      ],
    },
    {
      title: 'Pings',
      options: [
        { name: 'ping-interval', value: 'DURATION', text: 'time between two pings (5s)' },
        { name: 'message', value: 'TEXT', text: 'what each ping says (who pings, and its number)' },
        { name: 'count', value: 'N', text: 'end after this many pings on each connection' },
        FOR,
      ],
    },
    {
      title: 'Trust',
      options: [
        PSK,
        { name: 'psk-identity', value: 'TEXT', text: 'identity that goes with the key (Alice ...)' },
        { name: 'ca', value: 'FILE', text: 'authorities or certificates to trust (those of the system)' },
        { name: 'name', value: 'NAME', text: 'name or address in the certificate (what --host says)' },
        { name: 'insecure', text: 'accept any certificate: the server may then be anyone' },
        ...CERTIFICATES,
        CIPHERS,
      ],
    },
    HELP,
  ],
  examples: [
    'qdtls client',
    'qdtls client --host server.example --port 5684 --psk 00112233445566778899aabbccddeeff --count 3',
    'qdtls client --host server.example --ca ca.pem --cert me.pem --key me.key',
    'openssl s_server -dtls1_2 -listen -nocert -psk 1a2b3c4d5e6f -port 22334   (as the server)',
  ],
};

const DEMO: CommandDescription = {
  summary:
    'Runs a server and two clients over loopback in one process: cookies, handshakes, pings,\n' +
    'acknowledgements and a clean close. With --for, the exit code is 0 only if every ping was acknowledged.',
  groups: [
    {
      title: 'Options',
      options: [
        FOR,
        { name: 'ping-interval', value: 'DURATION', text: 'time between two pings (1s)' },
        { name: 'connections', value: 'N', text: 'number of connections of each client (1)' },
        { name: 'port', value: 'N', text: 'UDP port of the server (any free one)' },
        MTU,
        { name: 'console', text: 'open a page that shows it all in a browser, and prints its address' },
      ],
    },
    HELP,
  ],
  examples: ['qdtls demo', 'qdtls demo --console', 'qdtls demo --for 5s'],
};

const CONSOLE: CommandDescription = {
  summary:
    'Opens a page for a browser on this machine: a server and clients side by side, their log, what they\n' +
    'receive, and plots of datagrams and round-trip times. The address that it prints is the key to it:\n' +
    'whoever knows it drives the page, and reads files that the user of this process may read.',
  groups: [
    {
      title: 'Options',
      options: [{ name: 'port', value: 'N', text: 'TCP port of the page at 127.0.0.1 (any free one)' }, FOR],
    },
    HELP,
  ],
  examples: ['qdtls console', 'qdtls console --port 8080', 'ssh -L 8080:127.0.0.1:8080 server.example   (to a page on another machine)'],
};

export const COMMANDS: Readonly<Record<CommandName, CommandDescription>> = {
  server: SERVER,
  client: CLIENT,
  demo: DEMO,
  console: CONSOLE,
};

export function isCommandName(text: string): text is CommandName {
  return Object.hasOwn(COMMANDS, text);
}
