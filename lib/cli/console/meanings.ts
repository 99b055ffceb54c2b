import { QSslError, SslError } from '../../index';
import type { LogLevel } from '../log';

/**
 * What errors mean and what helps, in words for people who do not know DTLS by heart. The texts that are
 * explained are those that the rest of lib/cli, the facade, OpenSSL and the system write.
 */
type Meaning = readonly [pattern: RegExp, meaning: string];

const OF_CERTIFICATES: readonly (readonly [error: SslError, meaning: string])[] = [
  [SslError.CertificateNotYetValid, 'Its validity begins in the future: look at the clocks of both machines.'],
  [SslError.CertificateExpired, 'Its validity is over: the peer needs a new certificate, or this clock is wrong.'],
  [SslError.SelfSignedCertificate, 'The peer vouches for itself. If you know it, name its certificate as a trusted one (Authorities).'],
  [SslError.SelfSignedCertificateInChain, 'The chain ends in a root that is not trusted here. If you know that root, name it under Authorities.'],
  [SslError.UnableToGetLocalIssuerCertificate, 'Nobody trusted here has issued it. Name the authority that issued it under Authorities.'],
  [SslError.UnableToGetIssuerCertificate, 'The chain has a gap: the peer must send the certificates in between too.'],
  [SslError.UnableToVerifyFirstCertificate, 'Nothing in its chain is trusted here. Name the authority that issued it under Authorities.'],
  [SslError.CertificateSignatureFailed, 'It was changed after it was signed, or signed by another key: do not trust it.'],
  [SslError.InvalidPurpose, 'It may be used for something else, such as a client certificate shown by a server.'],
  [SslError.InvalidCaCertificate, 'One certificate of the chain has no right to issue others.'],
  [SslError.NoPeerCertificate, 'A certificate is required, but the peer has shown none: give it one, or do not require it.'],
  [SslError.HostNameMismatch, 'It is for another name. Connect by the name that it is for, or say that name under "Name in certificate".'],
  [SslError.CertificateBlacklisted, 'It is known to be compromised: do not trust it.'],
];

const OF_SYSTEM: readonly Meaning[] = [
  [/EADDRINUSE/, 'Another program has this port already. Choose another one, or 0 for any that is free.'],
  [/EADDRNOTAVAIL/, 'This machine has no such address. 0.0.0.0 means all of its IPv4 addresses, :: all of them.'],
  [/EACCES|EPERM/, 'The system does not allow this: ports below 1024 need rights, and some addresses are special.'],
  [/ECONNREFUSED/, 'Nobody listens at that address and port: is the server started, and is that its port?'],
  [/ENOTFOUND/, 'No name server knows this name: is it spelt correctly?'],
  [/EAI_AGAIN/, 'The name server does not answer at the moment: is this machine on the network?'],
  [/ENETUNREACH|EHOSTUNREACH/, 'There is no way to that address from this machine.'],
  [/EMSGSIZE/, 'The datagram is larger than the network takes: choose a smaller MTU or a shorter message.'],
  [/EINVAL/, 'An address of this kind cannot be reached from this socket.'],
];

const OF_HANDSHAKES: readonly Meaning[] = [
  [
    /unknown.psk.identity|psk identity not found/i,
    'The server does not serve this identity. Identity and key must be the same on both sides.',
  ],
  [
    /no shared cipher|handshake failure/i,
    'The two sides have no way in common: one may use a key and the other certificates, or their suites differ.',
  ],
  [
    /decrypt error|decryption failed|bad record mac/i,
    'The two sides have computed different keys: most likely the pre-shared keys differ.',
  ],
  [/unknown ca/i, 'The peer does not trust the authority that issued our certificate.'],
  [/certificate required|did not return a certificate/i, 'The server demands a certificate of its clients.'],
  [/bad certificate|certificate unknown|unsupported certificate/i, 'The peer does not accept our certificate.'],
  [/certificate expired/i, 'The peer finds our certificate expired.'],
  [/protocol version|wrong version number|unsupported protocol/i, 'The two sides speak different versions: DTLS 1.2 is needed.'],
  [
    /did not finish within/,
    'Nobody answered, or answers were lost, or the pre-shared keys differ (then neither side can read the other). ' +
      'Is the server listening at that address and port, and do both sides use the same key or trusted certificates?',
  ],
  [/too many (timeouts|retransmissions)/i, 'The peer has not answered for a long time, however often it was asked.'],
];

/** What is said of an error that nothing above explains, by the way its line begins. */
const IN_GENERAL: readonly Meaning[] = [
  [/^handshake: /, 'The two sides could not agree on keys. The log of the other side often says more.'],
  [/^the peer's certificate is not accepted/, 'It did not pass the checks, so it is not known who the peer is.'],
  [/^cannot decrypt/, 'A message could not be read; it is dropped, and the connection goes on.'],
  [/^connection lost/, 'The connection is over and has to be made anew.'],
  [/^cannot send/, 'The message has not left this machine.'],
  [/^cannot listen/, 'The port could not be opened: see the reason.'],
  [/^cannot connect/, 'The socket could not be set up for this peer: see the reason.'],
  [/^cannot find/, 'The name could not be turned into an address.'],
  [/^cannot verify/, 'The first datagram of a client could not be answered.'],
  [/^the socket reports/, 'The system says that a datagram could not be delivered or received.'],
];

const OF_WARNINGS: readonly Meaning[] = [
  [/no answer in time/, 'Datagrams get lost now and then; each wait is twice as long as the one before.'],
  [/unauthenticated alert/, 'Before keys are agreed on, anybody on the way can write such a line.'],
  [/without a message/, 'Late copies and foreign datagrams are normal on UDP; they have no effect.'],
  [/not a ClientHello/, 'Somebody who is not connected has sent something that begins no handshake.'],
];

const verificationMeanings: readonly Meaning[] = OF_CERTIFICATES.map(([error, meaning]) => {
  const text = new QSslError(error).errorString();
  return [new RegExp(text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')), meaning];
});

const FOR_ERRORS: readonly Meaning[] = [...verificationMeanings, ...OF_HANDSHAKES, ...OF_SYSTEM, ...IN_GENERAL];
const FOR_WARNINGS: readonly Meaning[] = [...OF_WARNINGS, ...OF_HANDSHAKES, ...OF_SYSTEM, ...IN_GENERAL];

/** What a log line means, or '' for one that explains itself. Every error has a meaning. */
export function meaningOf(level: LogLevel | 'data', text: string): string {
  if (level === 'info' || level === 'data') return '';
  const found = (level === 'error' ? FOR_ERRORS : FOR_WARNINGS).find(([pattern]) => pattern.test(text));
  if (found !== undefined) return found[1];
  return level === 'error' ? 'Something failed that has no explanation here; the line says what the library knows.' : '';
}
