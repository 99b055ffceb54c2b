import { randomInt } from 'node:crypto';

const NAME = 'QDTLS_SEED';

function chosenSeed(): number {
  const given = process.env[NAME];
  const seed = given === undefined ? randomInt(2 ** 31) : Number(given);
  if (!Number.isSafeInteger(seed)) throw new Error(`${NAME} must be an integer`);
  return seed;
}

/** What this run's chances follow from: the environment's, or a new one. */
export const seed = chosenSeed();

/** Milliseconds that any test takes at most, with sanitizers too; to be given to jest with some more. */
export const PATIENCE = 120_000;

/** Runs a test whose failure, also to come to an end, says how to have the same chances again. */
export async function withSeed(test: (seed: number) => void | Promise<void>, patience = PATIENCE): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it goes on after ${patience} ms`)), patience);
  });
  try {
    await Promise.race([test(seed), tooLate]);
  } catch (error) {
    const text = error instanceof Error ? error.message : String(error);
    throw new Error(`${text}\n\nTo try the same again: ${NAME}=${seed}`, { cause: error });
  } finally {
    clearTimeout(timer);
  }
}

/** A number from the environment, for those who have more time than the default takes. */
export function effort(name: string, usual: number): number {
  const given = Number(process.env[name] ?? usual);
  if (!Number.isSafeInteger(given) || given < 1) throw new Error(`${name} must be a number above 0`);
  return given;
}
