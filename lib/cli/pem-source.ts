import { readFileSync } from 'node:fs';
import { messageOf } from './error-text';
import { UsageError } from './usage-error';

/** What an option gives in PEM, and how messages call it: they must not repeat a key. */
export interface PemSource {
  readonly content: Buffer;
  readonly name: string;
}

/** Reads the file that the option names; a text that is PEM already stands for itself. */
export function readPem(option: string, place: string): PemSource {
  if (place.includes('-----BEGIN ')) return { content: Buffer.from(place), name: 'the given text' };
  try {
    return { content: readFileSync(place), name: place };
  } catch (error) {
    throw UsageError.ofOption(option, 'name a file that can be read', messageOf(error));
  }
}
