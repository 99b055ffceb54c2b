import { EventEmitter } from 'node:events';
import { MessageQueue } from '../../lib/endpoint/message-queue';
import { Settlement } from '../../lib/endpoint/settlement';

function makeQueue(): { session: EventEmitter; closed: Settlement<void>; queue: MessageQueue } {
  const session = new EventEmitter();
  const closed = new Settlement<void>();
  return { session, closed, queue: new MessageQueue(session, closed.promise) };
}

function say(session: EventEmitter, ...texts: string[]): void {
  for (const text of texts) session.emit('message', Buffer.from(text));
}

/** All messages until the end. */
async function read(queue: MessageQueue): Promise<string[]> {
  const texts: string[] = [];
  for await (const message of queue) texts.push(message.toString());
  return texts;
}

const nextTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('MessageQueue', () => {
  it('gives messages in order, those that came before they were asked for too, and ends with the session', async () => {
    const { session, closed, queue } = makeQueue();
    say(session, 'a', 'b');
    const texts = read(queue);
    await nextTurn();
    say(session, 'c');
    closed.resolve();
    await expect(texts).resolves.toEqual(['a', 'b', 'c']);
  });

  it('gives what waits before it throws what ended the session, once', async () => {
    const { session, closed, queue } = makeQueue();
    say(session, 'a');
    closed.reject(new Error('lost'));
    await nextTurn();
    await expect(queue.next()).resolves.toMatchObject({ done: false });
    await expect(queue.next()).rejects.toThrow('lost');
    await expect(queue.next()).resolves.toEqual({ value: undefined, done: true });
  });

  it('serves several readers in order, and of those that wait the first hears of the error', async () => {
    const { session, closed, queue } = makeQueue();
    const results = [queue.next(), queue.next(), queue.next()];
    say(session, 'a');
    closed.reject(new Error('lost'));
    await expect(results[0]).resolves.toEqual({ value: Buffer.from('a'), done: false });
    await expect(results[1]).rejects.toThrow('lost');
    await expect(results[2]).resolves.toEqual({ value: undefined, done: true });
  });

  it('stops listening when the loop is left, and forgets what waits', async () => {
    const { session, queue } = makeQueue();
    say(session, 'a', 'b');
    for await (const message of queue) {
      expect(message.toString()).toBe('a');
      break;
    }
    expect(session.listenerCount('message')).toBe(0);
    await expect(queue.next()).resolves.toEqual({ value: undefined, done: true });
  });

  it('keeps at most 1024 messages for a slow reader', async () => {
    const { session, closed, queue } = makeQueue();
    for (let index = 0; index < 1030; index += 1) say(session, String(index));
    closed.resolve();
    const texts = await read(queue);
    expect([texts.length, texts[0], texts.at(-1)]).toEqual([1024, '0', '1023']);
  });
});
