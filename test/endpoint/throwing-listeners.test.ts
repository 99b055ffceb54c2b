import path from 'node:path';
import { Command, stopCommands } from '../support/command';
import { clientIdentity, clientTrust, serverIdentity } from '../support/endpoints';
import { PATIENCE } from '../support/seed';

/** What fixtures/throwing-listeners.cjs prints. */
interface Played {
  readonly outcomes: readonly {
    readonly name: string;
    /** Whether the session whose listener threw exchanged a message all the same. */
    readonly answered: boolean;
    readonly caught: readonly unknown[];
    /** Whether another session did. */
    readonly bystander: boolean;
  }[];
  readonly failed: readonly (readonly [scene: string, error: string])[];
}

function isPlayed(value: unknown): value is Played {
  return typeof value === 'object' && value !== null && 'outcomes' in value && 'failed' in value;
}

async function play(): Promise<Played> {
  const script = path.join(__dirname, 'fixtures', 'throwing-listeners.cjs');
  const credentials = { server: serverIdentity, client: clientIdentity, ca: clientTrust.ca };
  const command = new Command(process.execPath, [script, JSON.stringify(credentials)]);
  if ((await command.exited) !== 0) throw new Error(command.output);
  const played: unknown = JSON.parse(/^\{.*\}$/m.exec(command.output)?.[0] ?? '');
  if (!isPlayed(played)) throw new Error(command.output);
  return played;
}

const listeners = [
  ['callback of listen', 'by the callback of listen'],
  ['onmessage', 'by onmessage'],
  ['message', 'by message'],
  ['onhandshake', 'by onhandshake'],
  ['handshake', 'by handshake'],
  ['close', 'by close'],
  ['session', 'by session'],
  ['null', null],
] as const;

const decisions = [
  ['psk', 'by psk'],
  ['psk, later', 'by psk, later'],
  ['verifyPeer', 'by verifyPeer'],
  ['verifyPeer, later', 'by verifyPeer, later'],
] as const;

describe('a process with an endpoint', () => {
  let played: Played;

  const outcomeOf = (name: string): Played['outcomes'][number] | undefined =>
    played.outcomes.find((outcome) => outcome.name === name);

  beforeAll(async () => {
    played = await play();
  }, PATIENCE);

  afterAll(stopCommands);

  it.each(listeners)('hears of what a listener throws (%s) as an uncaught exception, and all sessions go on', (name, value) => {
    expect(outcomeOf(name)).toEqual({ name, answered: true, caught: [value], bystander: true });
  });

  it.each(decisions)('hears of what a decision throws (%s) as the error of that session alone', (name, error) => {
    expect(outcomeOf(name)).toEqual({ name, answered: false, caught: [], bystander: true });
    expect(played.failed).toContainEqual([name, error]);
  });

  it('hears of what a listener for that error throws as an uncaught exception', () => {
    expect(outcomeOf('onerror')).toEqual({ name: 'onerror', answered: false, caught: ['by onerror'], bystander: true });
  });

  it('serves who comes after all that', () => {
    expect(outcomeOf('nothing')).toEqual({ name: 'nothing', answered: true, caught: [], bystander: true });
  });
});
