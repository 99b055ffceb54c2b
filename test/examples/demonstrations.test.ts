import { stopCommands } from '../support/command';
import { exampleNames, exampleText, startExample } from '../support/examples';
import { ScratchFiles } from '../support/openssl';
import { canSharePort } from '../support/shared-port';

/** What examples/README.md promises of each that ends by itself. */
const promises: Readonly<Record<string, readonly RegExp[]>> = {
  'pre-shared-key': [/^client: encrypted with \S*PSK\S*$/m, /^client: you said: hello$/m],
  certificates: [
    /^client: this is DNS:localhost.*, signed by a CA that I trust$/m,
    /^client: you said: hello$/m,
    /^client without our CA: UNABLE_TO_GET_ISSUER_CERT_LOCALLY, nothing was said$/m,
  ],
  'make-certificates': [
    /^certificates.ca\.pem and its key ca-key\.pem: CN=CA of the qdtls examples, good until /m,
    /^certificates.server\.pem and its key server-key\.pem: for DNS:localhost, IP Address:127\.0\.0\.1, /m,
    /^certificates.client\.pem and its key client-key\.pem: CN=sensor-7, good until /m,
  ],
  'mutual-tls': [
    /^client: welcome, CN=sensor-7$/m,
    /^server: refused 127\.0\.0\.1: The peer is not accepted: The peer sent no certificate$/m,
    /^client without a certificate: shown the door$/m,
  ],
  'psk-database': [
    /^door-1: welcome$/m,
    /^lamp-2: welcome$/m,
    /^intruder: ERR_DTLS_HANDSHAKE_TIMEOUT: .* "unknown PSK identity"$/m,
  ],
  resumption: [
    /^client: full handshake, \d+ bytes sent, \d+ received, authorized: true\r?\n(.*\r?\n)*client: resumed handshake, .*, authorized: true$/m,
    /^server: a new client$/m,
  ],
  coap: [/^client: 2\.05 21\.5 °C$/m],
  // The same keys on both sides.
  'dtls-srtp': [/^(?:server|client): (SRTP_AEAD_AES_256_GCM, client writes with [0-9a-f]{8}\.\.\. .*)\n(?:server|client): \1$/m],
  'custom-transport': [/^client: you said: hello from the other thread\nboth threads are done$/m],
  'qt-classes': [/^client: you said: hello, encrypted with \S+$/m],
  cluster: [canSharePort ? /^30 clients came back, 30 resumed, at [23] of 3 processes$/m : /^30 clients came back, 30 resumed, at 1 of 1 processes$/m],
};

/** Runs until it is ended: test/endpoint has its tests. */
const SERVER_ALONE = 'cluster-server';

let files: ScratchFiles;

beforeEach(() => {
  files = new ScratchFiles();
});

afterEach(async () => {
  await stopCommands();
  files.remove();
});

describe('an example without arguments', () => {
  it.each(Object.entries(promises))('ends well and prints what is promised: %s', async (name, lines) => {
    const command = startExample(name, [], files.folder);
    const status = await command.end();
    for (const line of lines) expect(command.output).toMatch(line);
    expect(status).toBe(0);
  });
});

describe('examples/README.md', () => {
  it('has a line with the command of each, and each has its promises here', () => {
    const commands = [...exampleText('README.md').matchAll(/^\| `node examples\/(\S+)\.mjs` \|/gm)].map(([, name]) => name);
    expect(commands.sort()).toEqual(Object.keys(promises).sort());
    expect(exampleNames().filter((name) => name !== SERVER_ALONE).sort()).toEqual(commands);
  });
});
