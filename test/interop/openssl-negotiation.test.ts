import { readFileSync } from 'node:fs';
import { NextProtocolNegotiationStatus, type QDtls, type QSslConfiguration } from '../../lib';
import { stopCommands } from '../support/command';
import { interopCases, opensslArguments, settingsFor, type InteropCase } from '../support/credentials';
import { LoopbackServer, openClient, type LiveAssociation } from '../support/loopback';
import { OpensslPeer, ScratchFiles } from '../support/openssl';
import { exportedBy, exporting, SRTP_CM, SRTP_GCM, SRTP_KEYS, SRTP_LABEL } from '../support/srtp';

const cases = interopCases.filter(({ name }) => ['mutual ECDSA', 'RSA, CBC by explicit choice', 'PSK, AES128-CCM8'].includes(name));
const [psk = cases[0]] = cases.filter(({ credentials }) => credentials === undefined);
if (psk === undefined) throw new Error('there is no case with a pre-shared key');

const files = new ScratchFiles();
let ours: { close: () => void } | undefined;

afterEach(async () => {
  ours?.close();
  await stopCommands();
});

afterAll(() => files.remove());

type Change = (configuration: QSslConfiguration) => void;

interface Ends {
  readonly association: LiveAssociation;
  readonly command: OpensslPeer;
}

/** Our server and the command, in a handshake. */
async function clientOfOurs(which: InteropCase, change: Change, args: readonly string[]): Promise<Ends> {
  const server = await LoopbackServer.open(settingsFor('server', which, change));
  ours = server.socket;
  const command = OpensslPeer.client(server.port, ...opensslArguments('client', which, files), ...args);
  return { association: await server.client(), command };
}

/** Our client and the command, in a handshake. */
async function serverOfOurs(which: InteropCase, change: Change, args: readonly string[]): Promise<Ends> {
  const command = await OpensslPeer.server(...opensslArguments('server', which, files), ...args);
  const association = await openClient(command.port, settingsFor('client', which, change));
  ours = association.socket;
  association.start();
  return { association, command };
}

const ends = [
  ['s_client', clientOfOurs],
  ['s_server', serverOfOurs],
] as const;

function negotiated(dtls: QDtls): [protocol: string, status: string] {
  const settings = dtls.dtlsConfiguration();
  const status = NextProtocolNegotiationStatus[settings.nextProtocolNegotiationStatus()];
  return [settings.nextNegotiatedProtocol().toString(), status.replace('NextProtocolNegotiation', '')];
}

describe.each(ends)('with openssl %s', (_, meet) => {
  it.each(cases)('agrees on an SRTP profile and the same keys, $name', async (which) => {
    const change: Change = (own) => own.setSrtpProfiles([SRTP_GCM, SRTP_CM]);
    const { association, command } = await meet(which, change, ['-use_srtp', SRTP_CM, ...exporting]);
    await association.encrypted();
    await command.waitFor(new RegExp(`SRTP Extension negotiated, profile=${SRTP_CM}`));
    expect(association.dtls.srtpProfile()).toBe(SRTP_CM);
    const keys = association.dtls.exportKeyingMaterial(SRTP_KEYS, SRTP_LABEL);
    expect(keys.toString('hex')).toBe(await exportedBy(command));
  });

  it('goes on without SRTP when there is no common profile', async () => {
    const { association, command } = await meet(psk, (own) => own.setSrtpProfiles([SRTP_GCM]), ['-use_srtp', SRTP_CM]);
    await association.encrypted();
    association.say('hello\n');
    await command.waitFor(/hello/);
    expect(association.dtls.srtpProfile()).toBe('');
    expect(command.output).not.toContain('SRTP Extension negotiated');
  });

  it('agrees on an application protocol', async () => {
    const { association, command } = await meet(psk, (own) => own.setAllowedNextProtocols(['coap', 'x']), ['-alpn', 'y,coap']);
    await association.encrypted();
    await command.waitFor(/ALPN protocol(s selected)?: coap/);
    expect(negotiated(association.dtls)).toEqual(['coap', 'Negotiated']);
  });

  it('has no application protocol with a peer that knows none', async () => {
    const { association, command } = await meet(psk, (own) => own.setAllowedNextProtocols(['coap']), []);
    await association.encrypted();
    await command.waitFor(/No ALPN negotiated|CIPHER is/);
    expect(negotiated(association.dtls)).toEqual(['', 'Unsupported']);
  });
});

describe('a server that has application protocols', () => {
  it('refuses an openssl s_client that offers others only, with the alert that says so', async () => {
    const { association, command } = await clientOfOurs(psk, (own) => own.setAllowedNextProtocols(['coap']), ['-alpn', 'y']);
    expect(await association.failed()).toContain('no application protocol');
    await command.waitFor(/alert no application protocol/);
  });
});

describe('the key log', () => {
  it('says the same as that of openssl s_client', async () => {
    const lines: string[] = [];
    const server = await LoopbackServer.open(settingsFor('server', psk), {
      setUp: (dtls) => dtls.on('keyLog', (line) => lines.push(line)),
    });
    ours = server.socket;
    const file = files.write('keys.log', '');
    const command = OpensslPeer.client(server.port, ...opensslArguments('client', psk, files), '-keylogfile', file);
    const association = await server.client();
    await association.encrypted();
    association.say('hello\n');
    await command.waitFor(/hello/);
    await command.stop();
    const theirs = readFileSync(file, 'utf8').split('\n').filter((line) => line.startsWith('CLIENT_RANDOM'));
    expect(lines).toEqual(theirs);
    expect(lines).toHaveLength(1);
  });
});
