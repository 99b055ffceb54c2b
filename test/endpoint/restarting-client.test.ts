import path from 'node:path';
import type { DTLSSession } from '../../lib/endpoint';
import { Command, stopCommands } from '../support/command';
import { closeEverything, portOf, serve } from '../support/endpoints';
import { Watch } from '../support/watch';

afterEach(stopCommands);
afterEach(closeEverything);

/** A client in a process of its own. */
function startClient(serverPort: number, ownPort: number): Command {
  const script = path.join(__dirname, 'fixtures', 'restarting-client.cjs');
  return new Command(process.execPath, [script, String(serverPort), String(ownPort)]);
}

/** A server that gives keys out when it is let, and sends back what it gets. */
function serveInSteps(): {
  sessions: DTLSSession[];
  port: number;
  /** Resolves when the key of this session is asked for. */
  asked: (index: number) => Promise<void>;
  giveKey: (index: number) => void;
} {
  const sessions: DTLSSession[] = [];
  const waiting: ((key: string) => void)[] = [];
  const watch = new Watch();
  const endpoint = serve(
    (session) => {
      session.onmessage = (data) => void session.send(data);
      sessions.push(session);
    },
    {
      psk: () =>
        new Promise<string>((resolve) => {
          waiting.push(resolve);
          watch.notify();
        }),
    },
  );
  return {
    sessions,
    port: portOf(endpoint),
    asked: (index) => watch.until(() => waiting.length > index, () => `question ${index} for a key`),
    giveKey: (index) => waiting[index]?.('secret'),
  };
}

describe('a client that is killed and comes back on the same port', () => {
  it('is served again after one handshake, until which its old session lives', async () => {
    const { sessions, port, asked, giveKey } = serveInSteps();
    const killed = startClient(port, 0);
    await asked(0);
    giveKey(0);
    await killed.waitFor(/^open/m);
    killed.type('one');
    await killed.waitFor(/heard one/);
    const [old] = sessions;
    if (old === undefined) throw new Error('there is no session');
    killed.signal('SIGKILL');
    await killed.exited;

    const restarted = startClient(port, old.remoteAddress.port);
    await asked(1);
    const [, fresh] = sessions;
    expect(fresh?.remoteAddress).toEqual(old.remoteAddress);
    expect(old.destroyed).toBe(false);
    expect(() => old.send('as if nothing had happened')).not.toThrow();
    expect(old.endpoint.sessions).toEqual([old, fresh]);

    giveKey(1);
    await restarted.waitFor(/^open, 0 flights repeated/m);
    restarted.type('two');
    await restarted.waitFor(/heard two/);
    expect(restarted.output).not.toContain('nothing had happened');
    await expect(old.closed).resolves.toBeUndefined();
    expect(old.endpoint.sessions).toEqual([fresh]);
    expect(sessions).toHaveLength(2);
    expect(fresh?.endpoint.stats.handshakeFailureCount).toBe(0n);
  });

  it('comes back a second time, and a third', async () => {
    const { sessions, port, asked, giveKey } = serveInSteps();
    for (let round = 0; round < 3; round += 1) {
      const client = startClient(port, sessions[0]?.remoteAddress.port ?? 0);
      await asked(round);
      giveKey(round);
      await client.waitFor(/^open/m);
      client.type(`round ${round}`);
      await client.waitFor(new RegExp(`heard round ${round}`));
      client.signal('SIGKILL');
      await client.exited;
    }
    const last = sessions.at(-1);
    expect(last?.endpoint.sessions).toEqual([last]);
    expect(sessions.map(({ destroyed }) => destroyed)).toEqual([true, true, false]);
  });

  it('keeps its old session when the new handshake fails', async () => {
    const { sessions, port, asked, giveKey } = serveInSteps();
    const killed = startClient(port, 0);
    await asked(0);
    giveKey(0);
    await killed.waitFor(/^open/m);
    const [old] = sessions;
    killed.signal('SIGKILL');
    await killed.exited;
    const impatient = startClient(port, old?.remoteAddress.port ?? 0);
    await asked(1);
    impatient.signal('SIGKILL');
    await impatient.exited;
    sessions[1]?.destroy(new Error('given up'));
    expect(old?.destroyed).toBe(false);
    expect(old?.endpoint.sessions).toEqual([old]);
    expect(() => old?.send('still here')).not.toThrow();
  });
});
