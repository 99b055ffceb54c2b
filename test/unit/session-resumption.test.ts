import { randomBytes } from 'node:crypto';
import { QSslConfiguration, SslOption } from '../../lib';
import { certificatePair } from '../support/peer-checks';
import { Pair, pskConfiguration } from '../support/pair';
import { anew, persistent, resumed, reused, runTwice, ticketOf, withTicket } from '../support/sessions';
import { SERVER_NAME, selfSigned, showing, statusOf, trusting } from '../support/stages';
import { native } from '../../lib/internal/native';

const COMPLETE = { state: 'HandshakeComplete', error: 'NoError' };
const certificate = selfSigned();
const keys = randomBytes(80);

const client = (): QSslConfiguration => persistent(trusting(certificate));
const server = (change: (settings: QSslConfiguration) => void = () => undefined): QSslConfiguration => {
  const settings = persistent(showing(certificate));
  change(settings);
  return settings;
};
const withKeys = (settings: QSslConfiguration): void => settings.setSessionTicketKeys(keys);

function expectConversation(pair: Pair): void {
  pair.client.writeDatagramEncrypted(pair.clientSocket, 'ping');
  pair.settle();
  pair.server.writeDatagramEncrypted(pair.serverSocket, 'pong');
  pair.settle();
  expect(pair.received).toEqual({ client: ['pong'], server: ['ping'] });
}

describe('session persistence', () => {
  it('continues the session on the second connection, with fewer datagrams and no certificate', () => {
    const [first, second] = runTwice({ client: client(), server: server(), name: SERVER_NAME });
    expect([reused(first), reused(second)]).toEqual([anew, resumed]);
    expect([statusOf(second.client), statusOf(second.server)]).toEqual([COMPLETE, COMPLETE]);
    const received = (pair: Pair): number => pair.client.statistics().bytesReceived;
    expect(received(second)).toBeLessThan(received(first) / 2);
    expect(second.client.dtlsConfiguration().peerCertificate().toDer()).toEqual(certificate.certificateDer);
    expectConversation(second);
  });

  it('continues with the configuration that was read from the first connection', () => {
    const options = { server: server(), name: SERVER_NAME };
    const first = certificatePair({ ...options, client: client() }).run();
    const second = certificatePair({ ...options, client: first.client.dtlsConfiguration() }).run();
    const third = certificatePair({ ...options, client: second.client.dtlsConfiguration() }).run();
    expect([reused(second), reused(third)]).toEqual([resumed, resumed]);
  });

  it('is off by default: no ticket is issued, kept or offered', () => {
    const [first, second] = runTwice({ client: trusting(certificate), server: showing(certificate), name: SERVER_NAME });
    expect(ticketOf(first)).toHaveLength(0);
    expect(first.client.dtlsConfiguration().sessionTicketLifeTimeHint()).toBe(-1);
    expect(reused(second)).toEqual(anew);
  });

  it.each([
    ['the client', { client: trusting(certificate), server: server() }],
    ['the server', { client: client(), server: showing(certificate) }],
  ])('makes full handshakes when %s has none', (_, options) => {
    const [first, second] = runTwice({ ...options, name: SERVER_NAME });
    expect(ticketOf(first)).toHaveLength(0);
    expect(reused(second)).toEqual(anew);
    expect(statusOf(second.client)).toEqual(COMPLETE);
  });

  it('is off with SslOptionDisableSessionTickets', () => {
    const closed = server((settings) => settings.setSslOption(SslOption.SslOptionDisableSessionTickets, true));
    const [first, second] = runTwice({ client: client(), server: closed, name: SERVER_NAME });
    expect(ticketOf(first)).toHaveLength(0);
    expect(reused(second)).toEqual(anew);
  });

  it('is not brought back by an option for OpenSSL', () => {
    const open = showing(certificate);
    open.setBackendConfigurationOption('Options', 'SessionTicket');
    const [first] = runTwice({ client: client(), server: open, name: SERVER_NAME });
    expect(ticketOf(first)).toHaveLength(0);
  });

  it('continues a session by pre-shared key without asking for the key', () => {
    const settings = persistent(pskConfiguration());
    const first = new Pair({ client: settings, server: settings }).run();
    const second = new Pair({ client: first.client.dtlsConfiguration(), server: settings, psk: false });
    const asked = jest.fn();
    for (const side of [second.client, second.server]) side.on('pskRequired', asked);
    second.run();
    expect(reused(second)).toEqual(resumed);
    expect(asked).not.toHaveBeenCalled();
    expectConversation(second);
  });

  it('shares one TLS context between associations with different sessions', () => {
    const options = { client: client(), server: server(), name: SERVER_NAME };
    runTwice(options);
    const before = native.contextsCreated();
    for (let i = 0; i < 3; i += 1) expect(reused(runTwice(options)[1])).toEqual(resumed);
    expect(native.contextsCreated()).toBe(before);
  });
});

describe('sessionTicket()', () => {
  it('is what the client was given, on an encrypted client only', () => {
    const pair = certificatePair({ client: client(), server: server(), name: SERVER_NAME });
    expect(ticketOf(pair)).toHaveLength(0);
    pair.run();
    expect(ticketOf(pair).length).toBeGreaterThan(100);
    expect(pair.client.dtlsConfiguration().sessionTicketLifeTimeHint()).toBe(7200);
    expect(pair.server.dtlsConfiguration().sessionTicket()).toHaveLength(0);
    expect(pair.server.dtlsConfiguration().sessionTicketLifeTimeHint()).toBe(-1);
  });

  it('is a copy, and part of what makes two configurations equal', () => {
    const settings = client();
    const other = new QSslConfiguration(settings);
    expect(settings.equals(other)).toBe(true);
    other.setSessionTicket('a ticket');
    other.sessionTicket().fill(0);
    expect(other.sessionTicket().toString()).toBe('a ticket');
    expect(settings.equals(other)).toBe(false);
  });
});

describe('setSessionTicket()', () => {
  it.each([
    ['garbage', Buffer.from('this is no session')],
    ['an empty sequence', Buffer.from([0x30, 0x00])],
  ])('with %s fails the start', (_, ticket) => {
    const pair = certificatePair({ client: withTicket(client(), ticket), server: server(), name: SERVER_NAME });
    expect(pair.start()).toBe(false);
    expect(statusOf(pair.client)).toEqual({ state: 'HandshakeNotStarted', error: 'TlsInitializationError' });
    expect(pair.client.dtlsErrorString()).toBe('the session ticket cannot be read');
  });

  it('with a session and something behind it fails the start', () => {
    const [first] = runTwice({ client: client(), server: server(), name: SERVER_NAME });
    const ticket = Buffer.concat([ticketOf(first), Buffer.from([0])]);
    const pair = certificatePair({ client: withTicket(client(), ticket), server: server(), name: SERVER_NAME });
    expect(pair.start()).toBe(false);
  });

  it('with garbage changes nothing without persistence', () => {
    const settings = withTicket(trusting(certificate), Buffer.from('this is no session'));
    const pair = certificatePair({ client: settings, server: server(), name: SERVER_NAME }).run();
    expect(statusOf(pair.client)).toEqual(COMPLETE);
  });

  it('with a session whose suite is not offered any more leads to a full handshake', () => {
    const limited = (suite: string): QSslConfiguration => {
      const settings = client();
      settings.setCiphers(suite);
      return settings;
    };
    const [, second] = runTwice(
      { client: limited('ECDHE-ECDSA-AES128-GCM-SHA256'), server: server(), name: SERVER_NAME },
      { client: limited('ECDHE-ECDSA-AES256-GCM-SHA384'), server: server(), name: SERVER_NAME },
    );
    expect(reused(second)).toEqual(anew);
    expect(second.client.sessionCipher().name()).toBe('ECDHE-ECDSA-AES256-GCM-SHA384');
  });
});

describe('setSessionTicketKeys()', () => {
  /** Two configurations that share no TLS context. */
  const another = (settings: QSslConfiguration): void => settings.setDtlsCookieVerificationEnabled(false);

  it('lets one server take the tickets of another', () => {
    const [, second] = runTwice(
      { client: client(), server: server(withKeys), name: SERVER_NAME },
      {
        client: client(),
        server: server((settings) => {
          withKeys(settings);
          another(settings);
        }),
        name: SERVER_NAME,
      },
    );
    expect(reused(second)).toEqual(resumed);
  });

  it.each([
    ['other keys', (settings: QSslConfiguration): void => settings.setSessionTicketKeys(randomBytes(80))],
    ['random ones', another],
  ])('keeps a server with %s from taking them', (_, change) => {
    const [, second] = runTwice(
      { client: client(), server: server(withKeys), name: SERVER_NAME },
      { client: client(), server: server(change), name: SERVER_NAME },
    );
    expect(reused(second)).toEqual(anew);
    expect([statusOf(second.client), statusOf(second.server)]).toEqual([COMPLETE, COMPLETE]);
  });

  it('takes 80 bytes or none, and gives them back as a copy', () => {
    const settings = server();
    expect(settings.sessionTicketKeys()).toHaveLength(0);
    settings.setSessionTicketKeys(keys);
    settings.sessionTicketKeys().fill(0);
    expect(settings.sessionTicketKeys()).toEqual(keys);
    for (const length of [1, 48, 79, 81]) expect(() => settings.setSessionTicketKeys(randomBytes(length))).toThrow(RangeError);
    settings.setSessionTicketKeys('');
    expect(settings.sessionTicketKeys()).toHaveLength(0);
  });
});

describe('setSessionIdContext()', () => {
  const named = (context: string) => (settings: QSslConfiguration): void => {
    withKeys(settings);
    settings.setSessionIdContext(context);
  };

  it('lets servers with one context and other certificates take each other\'s tickets', () => {
    const other = selfSigned();
    const replacing = persistent(showing(other));
    named('one application')(replacing);
    const [, second] = runTwice(
      { client: client(), server: server(named('one application')), name: SERVER_NAME },
      { client: client(), server: replacing, name: SERVER_NAME },
    );
    expect(reused(second)).toEqual(resumed);
  });

  it('keeps those with another one from it', () => {
    const [, second] = runTwice(
      { client: client(), server: server(named('one application')), name: SERVER_NAME },
      { client: client(), server: server(named('another')), name: SERVER_NAME },
    );
    expect(reused(second)).toEqual(anew);
    expect(statusOf(second.client)).toEqual(COMPLETE);
  });

  it('takes 32 bytes at most', () => {
    const settings = server();
    expect(settings.sessionIdContext()).toHaveLength(0);
    settings.setSessionIdContext(Buffer.alloc(32, 7));
    expect(settings.sessionIdContext()).toEqual(Buffer.alloc(32, 7));
    expect(() => settings.setSessionIdContext(Buffer.alloc(33))).toThrow(RangeError);
  });
});
