import { parseArgs } from 'node:util';
import { COMMANDS, type CommandName, type OptionDescription } from './commands';
import type { ValueParser } from './option-values';
import { UsageError } from './usage-error';

function quote(text: string): string {
  return JSON.stringify(text);
}

/**
 * The options of one command line, each checked against the command's table. Strict mode of parseArgs would
 * check them too, but with messages that do not say what was expected; so it only cuts the line into tokens
 * here.
 */
export class OptionReader {
  readonly #command: CommandName;
  /** Canonical option name to its text; a switch has the text ''. */
  readonly #given = new Map<string, string>();

  /**
   * Throws {@link UsageError} for an unknown option, a missing or superfluous value, and anything not an
   * option.
   */
  constructor(command: CommandName, args: readonly string[]) {
    this.#command = command;
    const descriptions = COMMANDS[command].groups.flatMap(({ options }) => options);
    const known = new Map(descriptions.map((option) => [option.name, option]));
    for (const option of descriptions) if (option.alias !== undefined) known.set(option.alias, option);
    const { tokens } = parseArgs({
      args: [...args],
      strict: false,
      tokens: true,
      options: Object.fromEntries([...known].map(([name, option]) => [name, { type: argumentType(option) }])),
    });
    for (const token of tokens) {
      if (token.kind === 'positional') this.#refusePositional(token.value);
      if (token.kind !== 'option') continue;
      const option = known.get(token.name);
      if (option === undefined) this.#refuseUnknown(token.rawName);
      else this.#given.set(option.name, valueOf(token, option));
    }
  }

  /** Whether the option was given, with or without a value. */
  has(name: string): boolean {
    return this.#given.has(name);
  }

  /**
   * The option's value, or null when it was not given. Throws {@link UsageError} when it is not what was
   * expected.
   */
  value<T>(name: string, parser: ValueParser<T>): T | null {
    const text = this.#given.get(name);
    if (text === undefined) return null;
    const value = parser.parse(text);
    if (value !== undefined) return value;
    const received = parser.secret === true ? `a text of ${text.length} characters` : quote(text);
    throw UsageError.ofOption(name, `be ${parser.expected}`, `${received} was given`);
  }

  #refusePositional(text: string): never {
    const expected = `"qdtls ${this.#command}" expects only options that begin with --`;
    throw new UsageError(`${expected}, but ${quote(text)} was given.`);
  }

  #refuseUnknown(rawName: string): never {
    const expected = `an option that "qdtls ${this.#command} --help" lists`;
    throw new UsageError(`Expected ${expected}, but the unknown option ${rawName} was given.`);
  }
}

function argumentType({ value }: OptionDescription): 'string' | 'boolean' {
  return value === undefined ? 'boolean' : 'string';
}

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
  readonly inlineValue?: boolean | undefined;
}

function valueOf({ name, rawName, value, inlineValue }: OptionToken, option: OptionDescription): string {
  if (option.value === undefined) {
    if (value === undefined) return '';
    throw UsageError.ofOption(name, 'stand alone, without a value', `${quote(value)} was given`);
  }
  if (value === undefined) throw UsageError.ofOption(name, 'have a value', 'nothing was given');
  // What begins like a number is a wrong value rather than an option that ended up in its place.
  if (/^-+(?!\d)/.test(value) && inlineValue !== true) {
    const hint = `if that is the value, write ${rawName}=${value}`;
    throw UsageError.ofOption(name, 'have a value', `the option ${quote(value)} follows it; ${hint}`);
  }
  return value;
}
