import { COMMANDS, type CommandName, type OptionDescription } from './commands';

const LEFT_WIDTH = 28;
const TEXT_WIDTH = 72;

export const OVERVIEW = `qdtls: encrypted datagrams (DTLS 1.2) at the terminal

Usage:
  qdtls server [options]    serve clients and acknowledge what they send
  qdtls client [options]    connect to a server and ping it
  qdtls demo [options]      a server and two clients on this machine
  qdtls console [options]   a page in the browser that shows and drives both
  qdtls --version           the version of qdtls

"qdtls <command> --help" lists the options of a command. Without options, server and client
find each other on this machine by a pre-shared key; Ctrl-C closes every connection cleanly.
`;

/** Cuts a text at spaces into lines of at most TEXT_WIDTH characters. */
function wrap(text: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > TEXT_WIDTH) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}

function optionLines({ name, value, alias, text }: OptionDescription): string[] {
  const left = `  --${name}${value === undefined ? '' : ` ${value}`}`;
  const lines = wrap(alias === undefined ? text : `${text}; also --${alias}`);
  return lines.map((line, index) => (index === 0 ? left : '').padEnd(LEFT_WIDTH) + line);
}

/**
 * The help of one subcommand: what it does, its options by group with their defaults in brackets, examples.
 */
export function commandHelp(command: CommandName): string {
  const { summary, groups, examples } = COMMANDS[command];
  return [
    `Usage: qdtls ${command} [options]`,
    '',
    summary,
    ...groups.flatMap(({ title, options }) => ['', `${title}:`, ...options.flatMap(optionLines)]),
    '',
    'Examples:',
    ...examples.map((example) => `  ${example}`),
    '',
  ].join('\n');
}
