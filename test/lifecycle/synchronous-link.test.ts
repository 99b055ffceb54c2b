import { QDtls, SslMode, type DatagramSocket } from '../../lib';
import { CLIENT_ADDRESS, CLIENT_PORT, pskConfiguration, SERVER_ADDRESS, SERVER_PORT } from '../support/pair';

/** A socket whose datagrams are at the other end before send() returns. */
function linkTo(deliver: (datagram: Uint8Array) => void): DatagramSocket {
  return { send: (datagram: Uint8Array) => deliver(datagram) };
}

function makeEnd(mode: SslMode): QDtls {
  const configuration = pskConfiguration();
  configuration.setDtlsCookieVerificationEnabled(false);
  const end = new QDtls(mode);
  end.setDtlsConfiguration(configuration);
  end.on('pskRequired', (authenticator) => {
    authenticator.setIdentity('client');
    authenticator.setPreSharedKey('secret');
  });
  return end;
}

describe('a link that delivers at once', () => {
  afterEach(() => jest.useRealTimers());

  it('completes the handshake inside the first call, and leaves no timer', () => {
    jest.useFakeTimers({ doNotFake: ['nextTick'] });
    const [client, server] = [makeEnd(SslMode.SslClientMode), makeEnd(SslMode.SslServerMode)];
    client.setPeer(SERVER_ADDRESS, SERVER_PORT);
    server.setPeer(CLIENT_ADDRESS, CLIENT_PORT);
    const late = jest.fn();
    for (const end of [client, server]) end.on('handshakeTimeout', late);
    const toServer = linkTo((datagram) => server.doHandshake(toClient, datagram));
    const toClient = linkTo((datagram) => client.doHandshake(toServer, datagram));
    expect(client.doHandshake(toServer)).toBe(true);
    expect([client.isConnectionEncrypted(), server.isConnectionEncrypted()]).toEqual([true, true]);
    expect(jest.getTimerCount()).toBe(0);
    jest.advanceTimersByTime(120_000);
    expect(late).not.toHaveBeenCalled();
    expect(client.sessionCipher().name()).toBe(server.sessionCipher().name());
  });

  it('may have its handshake aborted and begun anew while a flight is sent', () => {
    const [client, server] = [makeEnd(SslMode.SslClientMode), makeEnd(SslMode.SslServerMode)];
    client.setPeer(SERVER_ADDRESS, SERVER_PORT);
    server.setPeer(CLIENT_ADDRESS, CLIENT_PORT);
    const sent: Uint8Array[] = [];
    const queue = linkTo((datagram) => sent.push(datagram));
    client.doHandshake(queue);
    const hello = Buffer.from(sent.shift() ?? '');
    let flights = 0;
    const restarting: DatagramSocket = linkTo((datagram) => {
      flights += 1;
      if (flights === 1) {
        server.abortHandshake(queue);
        expect(server.doHandshake(queue, hello)).toBe(true);
      }
      sent.push(datagram);
    });
    expect(server.doHandshake(restarting, hello)).toBe(false);
    expect(server.handshakeState()).toBe(QDtls.HandshakeInProgress);
    expect(server.sessionCipher().isNull()).toBe(true);
    server.abortHandshake(queue);
    client.abortHandshake(queue);
  });
});
