import { nodeLinkedBuild, prebuild } from '../support/builds';
import { stopCommands } from '../support/command';
import { resultOf, runFixture, withoutLeakCheck } from '../support/fixture';

afterEach(stopCommands);

// Sanitizers make each worker ten times as slow, and see more than a growing process.
const WORKERS = process.env['ASAN_OPTIONS'] === undefined ? 200 : 20;
const ENOUGH_TIME = 240_000;
// A worker that left its SSL_CTX, two SSLs and a slab behind would be 300 KiB or more: 150 of them are 45 MiB.
const MOST_GROWTH = 12 * 1024;

/** AddressSanitizer keeps what was freed, up to 256 MiB, which looks like growth. */
function withoutQuarantine({ ASAN_OPTIONS }: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  if (ASAN_OPTIONS === undefined) return {};
  return { ASAN_OPTIONS: `${ASAN_OPTIONS}:quarantine_size_mb=0:thread_local_quarantine_size_kb=0` };
}

const named = process.env['QDTLS_NATIVE_BUILD'];
const ofCheckout = prebuild === undefined ? [nodeLinkedBuild] : [nodeLinkedBuild, prebuild];
const builds = named === undefined ? ofCheckout : [named];

describe.each(builds)('the addon in %s', (file) => {
  it.each([
    ['by workers only', 'only'],
    ['by the main thread too', 'too'],
  ])(
    'can be loaded, used and left by many workers in turn, %s',
    async (_, who) => {
      const environment = { ...withoutQuarantine(withoutLeakCheck()), QDTLS_NATIVE_BUILD: file };
      const command = runFixture('workers-in-turn', [String(WORKERS), who], { flags: ['--expose-gc'], environment });
      const result = await resultOf(command, ENOUGH_TIME);
      expect(result).toMatchObject({ ended: WORKERS });
      expect(Number(/"grownKilobytes":(-?\d+)/.exec(command.output)?.[1])).toBeLessThan(MOST_GROWTH);
    },
    ENOUGH_TIME + 5000,
  );
});
