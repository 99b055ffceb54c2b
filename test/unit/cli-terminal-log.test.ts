import { dataEntry, logEntry } from '../../lib/cli/log';
import { type LineOutput, printable, TerminalLog, wantsColour } from '../../lib/cli/terminal-log';

/** A terminal that keeps what is written to it. */
class Screen implements LineOutput {
  readonly isTTY = true;
  text = '';

  write(text: string): void {
    this.text += text;
  }

  hasColors(): boolean {
    return true;
  }
}

describe('TerminalLog', () => {
  it('writes time, level, connection and text on one line', () => {
    const screen = new Screen();
    new TerminalLog(screen, false).log(logEntry('warning', '127.0.0.1:5000', 'no answer'));
    expect(screen.text).toMatch(/^\d\d:\d\d:\d\d\.\d{3} warning 127\.0\.0\.1:5000 +no answer\n$/);
  });

  it('writes the direction, the text and the bytes of a message', () => {
    const screen = new Screen();
    new TerminalLog(screen, false).data(dataEntry('received', 'Alice', Buffer.from('héllo\n')));
    expect(screen.text).toContain('data    Alice');
    expect(screen.text).toContain('received "héllo\\n" (7 bytes: 68 c3 a9 6c 6c 6f 0a)');
  });

  it('shortens long messages', () => {
    const screen = new Screen();
    new TerminalLog(screen, false).data(dataEntry('sent', 'Alice', Buffer.alloc(300, 'x')));
    expect(screen.text).toContain(`sent "${'x'.repeat(256)}" ... (300 bytes: ${'78 '.repeat(16)}...)`);
  });

  it('gives each level its colour', () => {
    const screen = new Screen();
    const log = new TerminalLog(screen, true);
    log.log(logEntry('error', '', 'x'));
    log.log(logEntry('warning', '', 'x'));
    log.log(logEntry('info', '', 'x'));
    log.data(dataEntry('sent', '', Buffer.from('x')));
    const colours = [...screen.text.matchAll(/\u001b\[38;5;(\d+)m/g)].map(([, colour]) => colour);
    expect(new Set(colours).size).toBe(4);
  });

  it('puts a label before the connection, or in its place', () => {
    const screen = new Screen();
    const log = new TerminalLog(screen, false).labelled('server');
    log.log(logEntry('info', '127.0.0.1:5000', 'x'));
    log.log(logEntry('info', '', 'y'));
    expect(screen.text).toMatch(/ server 127\.0\.0\.1:5000 +x\n.* server +y\n$/);
  });
});

describe('printable', () => {
  it('escapes what would steer a terminal and leaves every other character', () => {
    expect(printable('a\u001b[2Jb\u009bc\r\n\u202e')).toBe('a\\u{1b}[2Jb\\u{9b}c\\u{d}\\n\\u{202e}');
    expect(printable('naïve 日本 👩‍🚀')).toBe('naïve 日本 👩‍🚀');
  });
});

describe('wantsColour', () => {
  it.each([
    ['a terminal', true, {}, true],
    ['a pipe', false, {}, false],
    ['a terminal with NO_COLOR', true, { NO_COLOR: '1' }, false],
    ['a terminal with an empty NO_COLOR', true, { NO_COLOR: '' }, true],
  ])('decides for %s', (_name, isTTY, environment, wanted) => {
    expect(wantsColour({ write: () => true, isTTY, hasColors: () => true }, environment)).toBe(wanted);
  });

  it('refuses for a terminal without colours', () => {
    expect(wantsColour({ write: () => true, isTTY: true, hasColors: () => false }, {})).toBe(false);
  });
});
