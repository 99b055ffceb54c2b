import path from 'node:path';
import { Command, stopCommands } from '../support/command';
import { effort } from '../support/seed';

// A sanitizer takes several times as long, and makes every allocation larger.
const isSanitized = process.env['ASAN_OPTIONS'] !== undefined || process.env['TSAN_OPTIONS'] !== undefined;
const COUNT = effort('QDTLS_SESSIONS', isSanitized ? 1000 : 10_000);
const WARM_UP = 100;
const PATIENCE = 60_000 + 10 * COUNT;
const KIBIBYTE = 1024;

interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
}

/** What fixtures/crowd.cjs prints. */
interface Crowd {
  readonly sessions: number;
  readonly answered: number;
  readonly goodbyes: number;
  readonly failures: readonly string[];
  readonly livingDuring: number;
  readonly livingAfter: number;
  readonly before: Memory;
  readonly during: Memory;
  readonly after: Memory;
  readonly again: Memory;
}

function isCrowd(value: unknown): value is Crowd {
  return typeof value === 'object' && value !== null && 'sessions' in value && 'again' in value;
}

async function gatherCrowd(): Promise<Crowd> {
  const script = path.join(__dirname, 'fixtures', 'crowd.cjs');
  const command = new Command(process.execPath, ['--expose-gc', script, String(COUNT)]);
  if ((await command.exited) !== 0) throw new Error(command.output);
  const crowd: unknown = JSON.parse(/^\{.*\}$/m.exec(command.output)?.[0] ?? '');
  if (!isCrowd(crowd)) throw new Error(command.output);
  return crowd;
}

function report({ before, during, after, again }: Crowd): string {
  const each = (part: keyof Memory): string => ((during[part] - before[part]) / COUNT / KIBIBYTE).toFixed(1);
  const whole = ({ rss }: Memory): string => `${Math.round(rss / KIBIBYTE / KIBIBYTE)} MiB`;
  return [
    `${COUNT} associations on one endpoint: ${each('rss')} KiB of resident memory each, ${each('heapUsed')} KiB of it JavaScript's heap`,
    `resident: ${whole(before)} before, ${whole(during)} with all, ${whole(after)} when the endpoint was closed, ` +
      `${whole(again)} with half as many again`,
  ].join('\n');
}

describe(`an endpoint with ${COUNT} clients at the same time`, () => {
  let crowd: Crowd;

  beforeAll(async () => {
    crowd = await gatherCrowd();
    process.stdout.write(`${report(crowd)}\n`);
  }, PATIENCE);

  afterAll(stopCommands);

  it('serves each of them', () => {
    expect(crowd.sessions).toBe(COUNT);
    expect(crowd.answered).toBe(COUNT);
    expect(crowd.livingDuring).toBe(COUNT);
  });

  it('says goodbye to each of them when it is closed', () => {
    expect(crowd.failures).toEqual([]);
    expect(crowd.goodbyes).toBe(COUNT);
  });

  it('frees every SSL as soon as it is closed', () => {
    expect(crowd.livingAfter).toBe(0);
  });

  it('leaves nothing of them on the heap', () => {
    const left = crowd.after.heapUsed - crowd.before.heapUsed;
    expect(left).toBeLessThan((crowd.during.heapUsed - crowd.before.heapUsed) / 4 + WARM_UP * KIBIBYTE);
  });

  it('has room for the next ones where they were', () => {
    // What is freed stays in the process, in pieces. A sanitizer keeps it apart, to watch over it.
    const needed = crowd.during.rss - crowd.before.rss;
    if (!isSanitized) expect(crowd.again.rss - crowd.before.rss).toBeLessThan(1.3 * needed);
  });
});
