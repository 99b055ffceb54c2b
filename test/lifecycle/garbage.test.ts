import { stopCommands } from '../support/command';
import { resultOf, runFixture } from '../support/fixture';

const MEBIBYTE = 2 ** 20;

afterEach(stopCommands);

describe('associations that nobody holds any more', () => {
  it('are collected, a thousand at a time, with everything they held', async () => {
    const command = runFixture('garbage', [], { flags: ['--expose-gc'] });
    await command.waitFor(/^\{.*\}$/m, 60_000);
    const { rounds, unfinished } = readReport(await resultOf(command));
    expect(rounds.map(({ finalized }) => finalized)).toEqual(rounds.map(() => 1000));
    expect(unfinished).toBe(200);

    const [early, last] = [rounds.at(-3), rounds.at(-1)];
    if (early === undefined || last === undefined) throw new Error('no rounds');
    expect(last.external - early.external).toBeLessThan(MEBIBYTE);
    // AddressSanitizer keeps freed memory for later questions, and looks for leaks itself.
    if (process.env['ASAN_OPTIONS'] !== undefined) return;
    // Two thousand associations later. They would weigh about 100 MiB.
    expect(last.rss - early.rss).toBeLessThan(40 * MEBIBYTE);
  }, 90_000);
});

interface Round {
  readonly finalized: number;
  readonly rss: number;
  readonly external: number;
}

function readReport(report: unknown): { rounds: Round[]; unfinished: number } {
  const { rounds, unfinished } = fieldsOf(report);
  if (!Array.isArray(rounds)) throw new Error('no rounds in the report');
  return {
    unfinished: Number(unfinished),
    rounds: rounds.map((round: unknown) => {
      const { finalized, rss, external } = fieldsOf(round);
      return { finalized: Number(finalized), rss: Number(rss), external: Number(external) };
    }),
  };
}

function fieldsOf(value: unknown): Record<string, unknown> {
  if (typeof value !== 'object' || value === null) throw new Error('the report is no object');
  return { ...value };
}
