import { randomInt } from 'node:crypto';
import { stopCommands } from '../support/command';
import { runFixture, withoutLeakCheck } from '../support/fixture';

afterEach(stopCommands);

/** Milliseconds: sanitizers make each worker ten times as slow. */
const ENOUGH_TIME = 120_000;

describe('workers that load the package', () => {
  it.each([
    ['when only workers load it', 'only'],
    ['when the main thread has loaded it too', 'too'],
  ])('can be terminated at any moment, %s', async (_, who) => {
    const seed = randomInt(2 ** 31);
    const rounds = 8;
    const args = [String(seed), who, String(rounds)];
    const command = runFixture('terminate-workers', args, { environment: withoutLeakCheck() });
    // A crash ends the process by a signal; the output says the seed and, for Node's own checks, the place.
    expect({ code: await command.end(ENOUGH_TIME), output: command.output }).toEqual({
      code: 0,
      output: `seed ${seed}\nall workers have ended\n`,
    });
  }, ENOUGH_TIME + 5000);

  it('can end by themselves with open associations', async () => {
    const command = runFixture('worker-to-the-end', [], { environment: withoutLeakCheck() });
    expect({ code: await command.end(ENOUGH_TIME), output: command.output }).toEqual({
      code: 0,
      output: [
        'out of work: 0',
        'process.exit: 0',
        'an uncaught exception: 1',
        'process.exit in pskRequired: 0',
        'out of work while a key is awaited: 0',
        '',
      ].join('\n'),
    });
  }, ENOUGH_TIME + 5000);
});
