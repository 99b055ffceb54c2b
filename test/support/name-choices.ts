import { PeerVerifyMode, type QDtlsServerNameRequest, type QSslConfiguration } from '../../lib';
import { issueCertificate, type IssuedCertificate } from './certificates';
import { LivePair } from './live-pair';
import { configuration, type Pair } from './pair';
import { certificatePair } from './peer-checks';
import { certificateOf, showing } from './stages';

/** Somebody that a server can be. */
export interface NamedIdentity {
  readonly name: string;
  readonly issued: IssuedCertificate;
  readonly server: QSslConfiguration;
}

export function identity(name: string): NamedIdentity {
  const issued = issueCertificate({ commonName: name, dnsNames: [name] });
  return { name, issued, server: showing(issued) };
}

export const sensor = identity('sensor.example');
export const meter = identity('meter.example');

/** A client that believes both. */
export function trustingBoth(): QSslConfiguration {
  return configuration((client) => {
    client.setPeerVerifyMode(PeerVerifyMode.VerifyPeer);
    client.setCaCertificates([sensor, meter].map(({ issued }) => certificateOf(issued)));
  });
}

/** A listener that knows the meter. */
export function choose(request: QDtlsServerNameRequest): void {
  if (request.serverName() === meter.name) request.setConfiguration(meter.server);
}

export type NameListener = (request: QDtlsServerNameRequest) => void;

/** A server that is the sensor, and a client that asks it for a name. */
export interface Scene {
  readonly listener?: NameListener;
  /** Default: the meter's. */
  readonly name?: string;
  readonly client?: QSslConfiguration;
  readonly server?: QSslConfiguration;
  /** The name that the certificate is checked for; default the name asked for. */
  readonly verifies?: string;
}

function setUp<P extends Pair>(pair: P, { listener, name = meter.name, verifies = name }: Scene): P {
  pair.client.setServerName(name);
  pair.client.setPeerVerificationName(verifies);
  if (listener !== undefined) pair.server.on('serverNameRequired', listener);
  return pair;
}

export function scene(of: Scene): Pair {
  return setUp(certificatePair({ client: of.client ?? trustingBoth(), server: of.server ?? sensor.server }), of);
}

/** The same, running by itself. */
export function liveScene(of: Scene): LivePair {
  return setUp(new LivePair({ client: of.client ?? trustingBoth(), server: of.server ?? sensor.server, psk: false }), of);
}

/** The certificate that the client was shown. */
export function shown({ client }: Pair): Buffer {
  return client.dtlsConfiguration().peerCertificate().toDer();
}
