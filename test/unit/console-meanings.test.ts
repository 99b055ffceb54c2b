import { readFileSync } from 'node:fs';
import path from 'node:path';
import { COMMANDS } from '../../lib/cli/commands';
import { LABELS } from '../../lib/cli/console/fields';
import { LogHistory, type LogLine } from '../../lib/cli/console/log-history';
import { meaningOf } from '../../lib/cli/console/meanings';
import { dataEntry, logEntry } from '../../lib/cli/log';
import { QSslError, SslError } from '../../lib/index';

const html = readFileSync(path.join(__dirname, '../../lib/cli/console/page/index.html'), 'utf8');

describe('meaningOf', () => {
  it.each([
    ['cannot listen on 127.0.0.1:1: bind EADDRINUSE 127.0.0.1:1', 'Another program has this port'],
    ['cannot find nowhere: getaddrinfo ENOTFOUND nowhere', 'No name server knows this name'],
    ['handshake: the handshake did not finish within 1000 ms', 'Nobody answered'],
    ['handshake: no shared cipher', 'no way in common'],
    ['handshake: something new', 'The two sides could not agree on keys'],
    ['something nobody has thought of', 'has no explanation here'],
  ])('explains the error %j', (text, meaning) => {
    expect(meaningOf('error', text)).toContain(meaning);
  });

  it('explains every error of a certificate that a handshake reports', () => {
    const general = meaningOf('error', "the peer's certificate is not accepted: ");
    for (const code of [SslError.CertificateExpired, SslError.HostNameMismatch, SslError.NoPeerCertificate, SslError.SelfSignedCertificate]) {
      const meaning = meaningOf('error', `the peer's certificate is not accepted: ${new QSslError(code).errorString()}`);
      expect(meaning).not.toBe('');
      expect(meaning).not.toBe(general);
    }
  });

  it('has nothing to add to what is no error', () => {
    expect(meaningOf('info', 'handshake in progress')).toBe('');
  });
});

describe('LogHistory', () => {
  it('keeps errors while messages come by the thousand', () => {
    const history = new LogHistory(() => undefined);
    const sink = history.sink('client');
    sink.log(logEntry('error', 'Alice', 'handshake: lost'));
    for (let count = 0; count < 5000; count += 1) sink.data(dataEntry('sent', 'Alice', Buffer.from('ping')));
    const lines = history.lines();
    expect(lines[0]).toMatchObject({ level: 'error', number: 1 });
    expect(lines.at(-1)).toMatchObject({ level: 'data', number: 5001 });
    expect(lines.length).toBeLessThan(1000);
  });

  it('shows the bytes of a message in hexadecimal and as text, and cuts long ones', () => {
    const lines: LogLine[] = [];
    const sink = new LogHistory((line) => lines.push(line)).sink('server');
    sink.data(dataEntry('received', '127.0.0.1:1', Buffer.from('hé')));
    sink.data(dataEntry('received', '127.0.0.1:1', Buffer.alloc(1000)));
    expect(lines[0]?.data).toEqual({ direction: 'received', size: 3, hex: '68 c3 a9', text: 'hé' });
    expect(lines[1]?.data).toMatchObject({ size: 1000, text: '\0'.repeat(256) });
  });
});

describe('the page', () => {
  it.each(['server', 'client'] as const)('has a field for every option of qdtls %s', (side) => {
    const form = html.slice(html.indexOf(`id="${side}-form"`), html.indexOf('</form>', html.indexOf(`id="${side}-form"`)));
    const options = COMMANDS[side].groups.flatMap(({ options }) => options.map(({ name }) => name));
    const missing = options.filter((name) => !form.includes(` name="${name}"`) && name !== 'help' && name !== 'for');
    expect(missing).toEqual([]);
  });

  it('calls its fields as complaints call them', () => {
    for (const [, before = '', name = ''] of html.matchAll(/<label[^>]*>([^<]*)<(?:input|textarea) name="([a-z-]+)"/g)) {
      expect(before.trim()).toBe(LABELS[name]);
    }
    for (const [, name = '', after = ''] of html.matchAll(/<input type="checkbox" name="([a-z-]+)"> ([^<]*)</g)) {
      expect(after.startsWith(LABELS[name] ?? 'missing')).toBe(true);
    }
  });
});
