import { fingerprintOf, type ConfigurationData } from './configuration-data';
import { native } from './internal/native';
import { NativeRole, NativeVerification, type NativeContext, type NativeContextOptions } from './internal/native-types';
import { checksPeer } from './peer-verification';
import { SslOption, SslProtocol } from './qssl';
import { PeerVerifyMode, SslMode } from './qsslsocket';
import { resumptionFor } from './sessions';
import { trustStore } from './trust';

const DTLS1_0 = 0xfeff;
const DTLS1_2 = 0xfefd;

/** Lowest and highest version (OpenSSL's numbers) of each protocol that DTLS has. */
const versions = new Map<SslProtocol, readonly [minimum: number, maximum: number]>([
  [SslProtocol.DtlsV1_0, [DTLS1_0, DTLS1_0]],
  [SslProtocol.DtlsV1_0OrLater, [DTLS1_0, DTLS1_2]],
  [SslProtocol.DtlsV1_2, [DTLS1_2, DTLS1_2]],
  [SslProtocol.DtlsV1_2OrLater, [DTLS1_2, DTLS1_2]],
]);

/** The SslProtocol of what OpenSSL's SSL_version() returned. */
export function protocolOf(version: number): SslProtocol {
  if (version === DTLS1_2) return SslProtocol.DtlsV1_2;
  return version === DTLS1_0 ? SslProtocol.DtlsV1_0 : SslProtocol.UnknownProtocol;
}

/** A context, or why there is none. */
export type ContextResult = { readonly context: NativeContext } | { readonly problem: string };

/**
 * One SSL_CTX for each content of a configuration and role, however many associations and equal configurations use
 * it. Held weakly: it goes with the last configuration and association.
 */
const contexts = new Map<string, WeakRef<NativeContext>>();
const forgotten = new FinalizationRegistry<string>((key) => {
  if (contexts.get(key)?.deref() === undefined) contexts.delete(key);
});

/** The context for this side of an association. */
export function contextFor(data: ConfigurationData, mode: SslMode, asksForServerName = false): ContextResult {
  if (mode === SslMode.UnencryptedMode) return { problem: 'UnencryptedMode cannot be used with DTLS' };
  const server = asksForServerName ? 'chooser' : 'server';
  const side = mode === SslMode.SslServerMode ? server : 'client';
  const known = data.contexts[side];
  if (known !== null) return { context: known };
  const result = contextByContent(data, mode, asksForServerName);
  if ('context' in result) data.contexts[side] = result.context;
  return result;
}

function contextByContent(data: ConfigurationData, mode: SslMode, asksForServerName: boolean): ContextResult {
  const [minimumVersion, maximumVersion] = versions.get(data.protocol) ?? [0, 0];
  if (minimumVersion === 0) return { problem: `${SslProtocol[data.protocol]} is not a DTLS protocol` };
  if (!data.diffieHellmanParameters.isValid()) {
    return { problem: `the Diffie-Hellman parameters are invalid: ${data.diffieHellmanParameters.errorString()}` };
  }
  const key = `${SslMode[mode]} ${asksForServerName} ${fingerprintOf(data)}`;
  const known = contexts.get(key)?.deref();
  if (known !== undefined) return { context: known };

  const trust = checksPeer(data.peerVerifyMode, mode) ? trustStore(data.caCertificates) : null;
  if (trust !== null && trust.error !== '') return { problem: trust.error };
  const privateKey = data.privateKey.toDer();
  const options = optionsFor(data, mode);
  const context = new native.Context({ ...options, minimumVersion, maximumVersion, trust, privateKey, asksForServerName });
  privateKey.fill(0);
  if (context.error !== '') return { problem: context.error };
  contexts.set(key, new WeakRef(context));
  forgotten.register(context, key);
  return { context };
}

type LaterOptions = 'minimumVersion' | 'maximumVersion' | 'trust' | 'privateKey' | 'asksForServerName';

function optionsFor(data: ConfigurationData, mode: SslMode): Omit<NativeContextOptions, LaterOptions> {
  const checks = checksPeer(data.peerVerifyMode, mode);
  const verification = verificationFor(data.peerVerifyMode, checks);
  return {
    role: mode === SslMode.SslServerMode ? NativeRole.Server : NativeRole.Client,
    ciphers: data.ciphers?.map((cipher) => cipher.name()).join(':') ?? '',
    groups: data.ellipticCurves.map((curve) => curve.shortName()),
    certificates: data.localCertificateChain.map((certificate) => certificate.toDer()),
    verification,
    verificationDepth: data.peerVerifyDepth,
    dhParameters: data.diffieHellmanParameters.toDer(),
    pskIdentityHint: data.preSharedKeyIdentityHint,
    preferServerCiphers: (data.sslOptions & SslOption.SslOptionDisableServerCipherPreference) === 0,
    commands: [...data.backendConfiguration].flat(),
    applicationProtocols: data.allowedNextProtocols,
    srtpProfiles: data.srtpProfiles,
    ...resumptionFor(data, verification),
  };
}

function verificationFor(verifyMode: PeerVerifyMode, checks: boolean): NativeVerification {
  if (checks) return NativeVerification.Verify;
  return verifyMode === PeerVerifyMode.VerifyNone ? NativeVerification.None : NativeVerification.Request;
}
