import { setImmediate as nextTurn } from 'node:timers/promises';
import { HandshakeQueue } from '../../lib/cli/handshake-queue';

describe('HandshakeQueue', () => {
  it('runs one job per turn of the event loop, in order', async () => {
    const done: number[] = [];
    const queue = new HandshakeQueue(10);
    for (const job of [1, 2, 3]) queue.push(() => done.push(job));
    expect(done).toEqual([]);
    for (const expected of [[1], [1, 2], [1, 2, 3]]) {
      await nextTurn();
      expect(done).toEqual(expected);
    }
  });

  it('refuses what is over its limit and takes more when there is room again', async () => {
    const queue = new HandshakeQueue(1);
    expect(queue.push(() => undefined)).toBe(true);
    expect(queue.push(() => undefined)).toBe(false);
    await nextTurn();
    expect(queue.push(() => undefined)).toBe(true);
  });

  it('forgets what waits when it is cleared', async () => {
    const queue = new HandshakeQueue(10);
    let ran = false;
    queue.push(() => (ran = true));
    queue.clear();
    await nextTurn();
    await nextTurn();
    expect(ran).toBe(false);
  });
});
