import * as systemRoots from '../../lib/internal/system-roots';
import { trustStore } from '../../lib/trust';
import { QDtls, QSslCertificate, QSslConfiguration, SslMode } from '../../lib';
import { PeerVerifyMode } from '../../lib/qsslsocket';
import { makeAuthority } from '../support/certificates';
import { MemorySocket } from '../support/memory-socket';
import { configuration } from '../support/pair';

/** One file: the roots are loaded once for it, so that the order of these tests counts. */
const reading = jest.spyOn(systemRoots, 'systemRootsPem');

/** Starts a client's handshake, for which its SSL_CTX is made. */
function start(settings: QSslConfiguration): void {
  const client = new QDtls(SslMode.SslClientMode);
  client.setPeer('127.0.0.1', 4433, 'localhost');
  client.setDtlsConfiguration(settings);
  const socket = new MemorySocket();
  expect(client.doHandshake(socket)).toBe(true);
  client.abortHandshake(socket);
}

describe('the roots of the system', () => {
  it('are not loaded for a configuration that does not verify, or brings its own', () => {
    start(configuration((settings) => settings.setPeerVerifyMode(PeerVerifyMode.VerifyNone)));
    start(configuration((settings) => settings.setPeerVerifyMode(PeerVerifyMode.QueryPeer)));
    const authority = new QSslCertificate(makeAuthority({ commonName: 'Own Root' }).certificatePem);
    start(configuration((settings) => settings.setCaCertificates([authority])));
    expect(reading).not.toHaveBeenCalled();
  });

  it('are loaded once, for all configurations that need them', () => {
    start(configuration());
    start(configuration((settings) => settings.setPeerVerifyDepth(3)));
    expect(QSslConfiguration.systemCaCertificates().length).toBeGreaterThan(0);
    expect(reading).toHaveBeenCalledTimes(1);
    expect(trustStore(null)).toBe(trustStore(null));
  });
});
