import { setImmediate as nextTurn } from 'node:timers/promises';
import { HandshakeQueue } from '../../lib/endpoint/handshake-queue';

const CLIENT = '127.0.0.1:40000';

describe('HandshakeQueue', () => {
  it('runs one step per turn of the event loop, in order', async () => {
    const done: number[] = [];
    const queue = new HandshakeQueue(10);
    for (const step of [1, 2, 3]) queue.push(CLIENT, () => done.push(step));
    expect(done).toEqual([]);
    for (const expected of [[1], [1, 2], [1, 2, 3]]) {
      await nextTurn();
      expect(done).toEqual(expected);
    }
  });

  it('keeps the order when a step adds another one', async () => {
    const done: string[] = [];
    const queue = new HandshakeQueue(10);
    queue.push(CLIENT, () => {
      done.push('first');
      queue.push(CLIENT, () => done.push('last'));
    });
    queue.push(CLIENT, () => done.push('second'));
    for (let turn = 0; turn < 3; turn += 1) await nextTurn();
    expect(done).toEqual(['first', 'second', 'last']);
  });

  it('knows whose steps wait', async () => {
    const queue = new HandshakeQueue(10);
    queue.push(CLIENT, () => undefined);
    expect([queue.has(CLIENT), queue.has('127.0.0.1:40001')]).toEqual([true, false]);
    await nextTurn();
    expect(queue.has(CLIENT)).toBe(false);
  });

  it('drops and counts what is over its limit, and takes more when there is room again', async () => {
    const queue = new HandshakeQueue(1);
    expect(queue.push(CLIENT, () => undefined)).toBe(true);
    expect(queue.push(CLIENT, () => undefined)).toBe(false);
    expect(queue.push(CLIENT, () => undefined)).toBe(false);
    expect(queue.dropped).toBe(2);
    await nextTurn();
    expect(queue.push(CLIENT, () => undefined)).toBe(true);
    expect(queue.dropped).toBe(2);
  });

  it('forgets what waits when it is cleared, also by a step, and works again', async () => {
    const done: string[] = [];
    const queue = new HandshakeQueue(10);
    queue.push(CLIENT, () => done.push('never'));
    queue.clear();
    queue.push(CLIENT, () => {
      done.push('clears');
      queue.clear();
      queue.push(CLIENT, () => done.push('after'));
    });
    queue.push(CLIENT, () => done.push('never'));
    for (let turn = 0; turn < 4; turn += 1) await nextTurn();
    expect(done).toEqual(['clears', 'after']);
    expect(queue.has(CLIENT)).toBe(false);
  });

  it('lets a full socket be read first, but not for ever', async () => {
    const queue = new HandshakeQueue(10);
    const step = jest.fn();
    queue.push(CLIENT, step);
    let turns = 0;
    for (; step.mock.calls.length === 0 && turns < 100; turns += 1) {
      for (let datagram = 0; datagram < 32; datagram += 1) queue.arrived();
      await nextTurn();
    }
    expect(turns).toBe(17);
  });

  it('runs a step in a turn with fewer datagrams than a socket gives at once', async () => {
    const queue = new HandshakeQueue(10);
    const step = jest.fn();
    queue.push(CLIENT, step);
    for (let datagram = 0; datagram < 31; datagram += 1) queue.arrived();
    await nextTurn();
    expect(step).toHaveBeenCalledTimes(1);
  });

  it('goes on after a step that throws', () => {
    jest.useFakeTimers();
    try {
      const done: string[] = [];
      const queue = new HandshakeQueue(10);
      queue.push(CLIENT, () => {
        throw new Error('thrown by a listener');
      });
      queue.push(CLIENT, () => done.push('behind it'));
      expect(() => jest.runOnlyPendingTimers()).toThrow('thrown by a listener');
      expect(done).toEqual([]);
      jest.runOnlyPendingTimers();
      expect(done).toEqual(['behind it']);
    } finally {
      jest.useRealTimers();
    }
  });

  it('loses nobody when the answer to a stranger throws', () => {
    jest.useFakeTimers();
    try {
      const done: string[] = [];
      const queue = new HandshakeQueue(10);
      queue.knock(() => {
        throw new Error('thrown by a listener');
      });
      queue.knock(() => done.push('stranger'));
      queue.push(CLIENT, () => done.push('step'));
      expect(() => jest.runOnlyPendingTimers()).toThrow('thrown by a listener');
      jest.runOnlyPendingTimers();
      expect(done).toEqual(['stranger', 'step']);
    } finally {
      jest.useRealTimers();
    }
  });

  it('answers some strangers in each turn, and a step of who is known', async () => {
    const done: string[] = [];
    const queue = new HandshakeQueue(10);
    for (let index = 0; index < 10; index += 1) queue.knock(() => done.push('stranger'));
    for (const step of ['first', 'second']) queue.push(CLIENT, () => done.push(step));
    await nextTurn();
    expect(done).toEqual([...new Array<string>(8).fill('stranger'), 'first']);
    await nextTurn();
    expect(done.slice(9)).toEqual(['stranger', 'stranger', 'second']);
  });

  it('has room for who is known however many strangers there are', () => {
    const queue = new HandshakeQueue(1);
    expect([queue.knock(() => undefined), queue.knock(() => undefined)]).toEqual([true, false]);
    expect(queue.push(CLIENT, () => undefined)).toBe(true);
    queue.clear();
  });
});
