import { stopCommands } from '../support/command';
import { runFixture, withoutLeakCheck } from '../support/fixture';

afterEach(stopCommands);

describe('a process with open associations and armed timers', () => {
  // Its timers are set to a minute: one that kept the process alive would exhaust the patience of end().
  it.each([
    ['runs out of work', 'out of work', 0],
    ['calls process.exit', 'process.exit', 0],
    ['calls process.exit in pskRequired', 'process.exit in pskRequired', 0],
    ['calls process.exit in handshakeStateChanged', 'process.exit in handshakeStateChanged', 0],
    ['runs out of work while a key is awaited', 'out of work while a key is awaited', 0],
    ['calls process.exit while a key is awaited', 'process.exit while a key is awaited', 0],
    ['calls process.exit when the key has come', 'process.exit when the key has come', 0],
    ['has an uncaught exception', 'an uncaught exception', 1],
  ])('ends at once when it %s', async (_, ending, code) => {
    const command = runFixture('exit', [ending], { environment: withoutLeakCheck() });
    await command.waitFor(/open associations, closed sockets/);
    expect({ code: await command.end(), output: command.output }).toMatchObject({ code });
  });
});
