import path from 'node:path';
import { Command, stopCommands } from '../support/command';
import { effort, PATIENCE } from '../support/seed';

const FLOOD = effort('QDTLS_HELLOS', 200_000);
const MEGABYTE = 1024 * 1024;

interface Memory {
  readonly rss: number;
  readonly heapUsed: number;
  readonly external: number;
}

/** What fixtures/spoofed-hellos.cjs prints. */
interface Costs {
  readonly answered: number;
  readonly longerThanTheQuestion: number;
  readonly connections: number;
  readonly clients: number;
  readonly letInClients: number;
  readonly before: Memory;
  readonly after: Memory;
  readonly milliseconds: number;
}

afterEach(stopCommands);

async function floodedVerifier(): Promise<Costs> {
  const script = path.join(__dirname, 'fixtures', 'spoofed-hellos.cjs');
  // A small nursery: garbage is not what is measured.
  const command = new Command(process.execPath, ['--expose-gc', '--max-semi-space-size=1', script, String(FLOOD)]);
  if ((await command.exited) !== 0) throw new Error(command.output);
  // A warning of Node's own may stand above it.
  const costs: unknown = JSON.parse(/^\{.*\}$/m.exec(command.output)?.[0] ?? '');
  if (!isCosts(costs)) throw new Error(command.output);
  return costs;
}

function isCosts(value: unknown): value is Costs {
  return typeof value === 'object' && value !== null && 'before' in value && 'after' in value;
}

describe('a verifier in a flood of hellos from addresses that do not exist', () => {
  let costs: Costs;

  beforeAll(async () => {
    costs = await floodedVerifier();
  }, PATIENCE);

  it('answers each, never with more bytes than it got', () => {
    expect(costs.answered).toBe(FLOOD);
    expect(costs.longerThanTheQuestion).toBe(0);
  });

  it('lets every genuine client in, and makes native connections for these alone', () => {
    expect(costs.clients).toBe(Math.ceil(FLOOD / 2000));
    expect(costs.letInClients).toBe(costs.clients);
    expect(costs.connections).toBe(2 * costs.clients);
  });

  it('needs no more memory in the end than after the first thousand', () => {
    const grown = (part: keyof Memory): number => (costs.after[part] - costs.before[part]) / MEGABYTE;
    expect(grown('heapUsed')).toBeLessThan(1);
    expect(grown('external')).toBeLessThan(1);
    // Pages come and go by the megabyte. A sanitizer keeps what was freed, to watch over it.
    const isSanitized = process.env['ASAN_OPTIONS'] !== undefined || process.env['TSAN_OPTIONS'] !== undefined;
    if (!isSanitized) expect(grown('rss')).toBeLessThan(6);
  });
});
