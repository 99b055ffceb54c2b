import { SslOption, type QSslConfiguration } from '../../lib';
import { LivePair } from '../support/live-pair';
import { certificatePair } from '../support/peer-checks';
import type { Pair} from '../support/pair';
import { type PairOptions } from '../support/pair';
import { anew, persistent, resumed, reused, ticketOf, withTicket } from '../support/sessions';
import { SERVER_NAME, selfSigned, showing, stages, statusOf, trusting } from '../support/stages';

const certificate = selfSigned();
const options: PairOptions = { client: trusting(certificate), server: showing(certificate), name: SERVER_NAME };

/** A pair whose client asks for a name. */
function asking(name: string, changed: Partial<PairOptions> = {}): Pair {
  const pair = certificatePair({ ...options, ...changed });
  expect(pair.client.setServerName(name)).toBe(true);
  return pair;
}

describe('setServerName()', () => {
  it.each([
    ['sensor.example', 'sensor.example'],
    ['SENSOR.example.', 'sensor.example'],
    ['bücher.example', 'xn--bcher-kva.example'],
    ['not a host name', 'not a host name'],
    ['', ''],
    ['192.0.2.1', ''],
    ['2001:db8::1', ''],
    ['a'.repeat(255), 'a'.repeat(255)],
  ])('sends %j as %j', (name, sent) => {
    const pair = asking(name);
    expect(pair.client.serverName()).toBe(sent);
    pair.run();
    expect([pair.client.serverName(), pair.server.serverName()]).toEqual([sent, sent]);
    expect(statusOf(pair.client)).toEqual({ state: 'HandshakeComplete', error: 'NoError' });
  });

  it.each([
    ['256 bytes', 'a'.repeat(256)],
    ['a NUL', 'sensor\0example'],
  ])('throws for %s', (_, name) => {
    const pair = certificatePair(options);
    expect(() => pair.client.setServerName(name)).toThrow(RangeError);
    expect(pair.client.serverName()).toBe('');
  });

  it.each(['HandshakeInProgress', 'PeerVerificationFailed', 'HandshakeComplete'] as const)('is refused in %s', (stage) => {
    const { client } = stages[stage]();
    expect(client.setServerName('sensor.example')).toBe(false);
    expect(statusOf(client)).toEqual({ state: stage, error: 'InvalidOperation' });
    expect(client.serverName()).toBe('');
  });

  it('is refused on a server', () => {
    const { server } = certificatePair(options);
    expect(server.setServerName('sensor.example')).toBe(false);
    expect(statusOf(server).error).toBe('InvalidOperation');
  });

  it('sends nothing with SslOptionDisableServerNameIndication', () => {
    const client = trusting(certificate);
    client.setSslOption(SslOption.SslOptionDisableServerNameIndication, true);
    const pair = asking('sensor.example', { client }).run();
    expect([pair.client.serverName(), pair.server.serverName()]).toEqual(['', '']);
  });
});

describe('serverName() on a server', () => {
  it('is empty before, and when the client sent none', () => {
    const pair = certificatePair(options);
    expect(pair.server.serverName()).toBe('');
    pair.run();
    expect(pair.server.serverName()).toBe('');
  });

  it('is empty again after the association', () => {
    const pair = asking('sensor.example').run();
    pair.server.shutdown(pair.serverSocket);
    expect(pair.server.serverName()).toBe('');
  });
});

describe('a session', () => {
  const client = (ticket?: Buffer): QSslConfiguration => withTicket(persistent(trusting(certificate)), ticket ?? Buffer.alloc(0));
  const server = persistent(showing(certificate));

  it('is continued under the name it was made under, which the server still knows', () => {
    const first = asking('sensor.example', { client: client(), server }).run();
    const second = asking('sensor.example', { client: client(ticketOf(first)), server }).run();
    expect(reused(second)).toEqual(resumed);
    expect(second.server.serverName()).toBe('sensor.example');
  });

  it.each([
    ['another name', 'sensor.example', 'meter.example'],
    ['a name, made without one', '', 'sensor.example'],
    ['no name, made with one', 'sensor.example', ''],
  ])('is not continued under %s', (_, before, after) => {
    const first = asking(before, { client: client(), server }).run();
    const second = asking(after, { client: client(ticketOf(first)), server }).run();
    expect(reused(second)).toEqual(anew);
    expect(second.server.serverName()).toBe(after);
  });
});

it('is known from a hello in several datagrams', async () => {
  const name = `${'long.'.repeat(40)}example`;
  const pair = new LivePair({ ...options, psk: false });
  pair.client.setServerName(name);
  pair.client.setMtuHint(256);
  pair.start();
  expect(pair.clientSocket.sent.length).toBeGreaterThan(1);
  await pair.encrypted();
  expect(pair.server.serverName()).toBe(name);
});
