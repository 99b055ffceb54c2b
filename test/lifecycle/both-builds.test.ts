import { native } from '../../lib/internal/native';
import { nodeLinkedBuild, prebuild } from '../support/builds';
import { stopCommands } from '../support/command';
import { resultOf, runFixture } from '../support/fixture';

afterEach(stopCommands);

/** What fixtures/both-builds.cjs writes. */
interface Report {
  readonly builds: readonly { readonly openssl: string; readonly headers: string; readonly carried: boolean }[];
  readonly heard: readonly string[];
  readonly untouched: boolean;
}

function isReport(value: unknown): value is Report {
  return typeof value === 'object' && value !== null && 'builds' in value && 'heard' in value && 'untouched' in value;
}

function reportOf(value: unknown): Report {
  if (!isReport(value)) throw new Error(`this is no report: ${JSON.stringify(value)}`);
  return value;
}

/** The OpenSSL inside this Node: versions say `3.0.19+quic`. */
const ofNode = process.versions.openssl.split('+')[0] ?? '';

// Without a prebuild there is nothing to compare; CI makes one first.
const withPrebuild = prebuild === undefined ? describe.skip : describe;

withPrebuild('a prebuild in a process with another OpenSSL', () => {
  it.each([
    ['is loaded first', [prebuild ?? '', nodeLinkedBuild]],
    ['is loaded second', [nodeLinkedBuild, prebuild ?? '']],
  ])('keeps to its own, talks to the other build, and shares nothing with it, when it %s', async (_, files) => {
    const { builds, heard, untouched } = reportOf(await resultOf(runFixture('both-builds', files)));
    expect(builds.map(({ carried }) => carried)).toEqual(files.map((file) => file === prebuild));
    expect(builds.filter(({ carried }) => !carried).map(({ openssl }) => openssl)).toEqual([
      expect.stringContaining(` ${ofNode} `),
    ]);
    for (const { openssl, headers } of builds.filter(({ carried }) => carried)) expect(openssl).toBe(headers);
    expect(heard).toEqual(['ping', 'pong', 'ping', 'pong']);
    expect(untouched).toBe(true);
  });

  it('is the one that these tests run on when it is named', () => {
    expect(native.carriesOpenSsl).toBe(process.env['QDTLS_NATIVE_BUILD'] === prebuild);
  });
});
