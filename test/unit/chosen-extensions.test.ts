import { certificatePair } from '../support/peer-checks';
import { SERVER_NAME, selfSigned, showing, trusting } from '../support/stages';

describe('a configuration that was chosen by the server name', () => {
  it('brings its own application protocols and SRTP profiles, and the key log goes on', () => {
    const certificate = selfSigned();
    const client = trusting(certificate);
    client.setAllowedNextProtocols(['coap']);
    client.setSrtpProfiles(['SRTP_AEAD_AES_128_GCM']);
    const pair = certificatePair({ client, server: showing(certificate), name: SERVER_NAME });
    const chosen = showing(certificate);
    chosen.setAllowedNextProtocols(['h1', 'coap']);
    chosen.setSrtpProfiles(['SRTP_AEAD_AES_128_GCM']);
    const lines: string[] = [];
    pair.server.on('keyLog', (line) => lines.push(line));
    pair.server.on('serverNameRequired', (request) => request.setConfiguration(chosen));
    pair.run();
    expect(pair.server.isConnectionEncrypted()).toBe(true);
    expect(pair.client.dtlsConfiguration().nextNegotiatedProtocol().toString()).toBe('coap');
    expect(pair.server.dtlsConfiguration().nextNegotiatedProtocol().toString()).toBe('coap');
    expect(pair.client.srtpProfile()).toBe('SRTP_AEAD_AES_128_GCM');
    expect(lines).toEqual([expect.stringMatching(/^CLIENT_RANDOM /)]);
  });
});
