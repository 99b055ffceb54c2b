/**
 * The native surface, declared once. When native/binding changes, this file changes in the same commit.
 * Arguments are positional and already checked; nothing here throws.
 */

/** What became of the association in one step: `Status` in native/core/outcome.h. */
export enum NativeStatus {
  InProgress = 0,
  Established = 1,
  Closed = 2,
  Failed = 3,
  Refused = 4,
}

/** `Role` in native/core/role.h. */
export enum NativeRole {
  Client = 0,
  Server = 1,
}

/** `PeerVerification` in native/core/context.h. */
export enum NativeVerification {
  None = 0,
  Request = 1,
  Verify = 2,
}

/** `Outcome` in native/core/outcome.h. */
export interface NativeOutcome {
  readonly status: NativeStatus;
  /** To be sent, in this order. */
  readonly datagrams: readonly Buffer[];
  /** Application data received, in this order. */
  readonly plaintexts: readonly Buffer[];
  /** A sentence for Failed and Refused, else ''. */
  readonly reason: string;
}

/** `CipherInfo` in native/core/cipher_list.h. */
export interface NativeCipher {
  readonly name: string;
  readonly usedBits: number;
  readonly supportedBits: number;
  readonly keyExchange: string;
  readonly authentication: string;
  readonly encryption: string;
  readonly aead: boolean;
}

/** `ContextOptions` in native/core/context.h. */
export interface NativeContextOptions {
  readonly role: NativeRole;
  /** DTLS1_VERSION 0xfeff or DTLS1_2_VERSION 0xfefd. */
  readonly minimumVersion: number;
  readonly maximumVersion: number;
  /** OpenSSL cipher list; '' for the default. */
  readonly ciphers: string;
  /** OpenSSL group names; empty for OpenSSL's. */
  readonly groups: readonly string[];
  /** DER, leaf first. */
  readonly certificates: readonly Uint8Array[];
  /** DER, PKCS#8; empty for none. */
  readonly privateKey: Uint8Array;
  readonly verification: NativeVerification;
  /** Certificates above the leaf; 0 for OpenSSL's limit. */
  readonly verificationDepth: number;
  readonly trust: NativeTrustStore | null;
  /** DER, PKCS#3; empty to let OpenSSL choose. */
  readonly dhParameters: Uint8Array;
  readonly pskIdentityHint: Uint8Array;
  readonly preferServerCiphers: boolean;
  /** SSL_CONF_cmd: name, value, name, value ... */
  readonly commands: readonly string[];
}

/** Native objects that may fail to be made: `error` is '' when they were. */
export interface NativeMade {
  readonly error: string;
}

/** X509_STORE. */
export type NativeTrustStore = NativeMade & { readonly brand?: 'TrustStore' };

/** SSL_CTX. */
export type NativeContext = NativeMade & { readonly brand?: 'Context' };

/** The stateless cookie check. */
export interface NativeClientVerifier extends NativeMade {
  /** true: verified; a Buffer: the HelloVerifyRequest to answer with; null: dropped. */
  decide(datagram: Uint8Array, address: Uint8Array, port: number): true | Buffer | null;
}

/**
 * Answers OpenSSL's question for a pre-shared key with [identity, key], or null for none. Must not throw.
 */
export type NativePskLookup = (
  identityHint: Buffer,
  identity: Buffer,
  maximumIdentityLength: number,
  maximumKeyLength: number,
) => readonly [identity: Uint8Array, key: Uint8Array] | null;

/** `Connection` in native/core/connection.h. */
export interface NativeConnection extends NativeMade {
  start(psk: NativePskLookup): NativeOutcome;
  accept(hello: Uint8Array, psk: NativePskLookup): NativeOutcome;
  acceptVerified(
    hello: Uint8Array,
    verifier: NativeClientVerifier,
    address: Uint8Array,
    port: number,
    psk: NativePskLookup,
  ): NativeOutcome;
  handshake(datagram: Uint8Array, psk: NativePskLookup): NativeOutcome;
  handleTimeout(): NativeOutcome;
  send(plaintext: Uint8Array): NativeOutcome;
  receive(datagram: Uint8Array): NativeOutcome;
  shutdown(): NativeOutcome;
  /** Milliseconds until handleTimeout() is due, or -1. */
  timeout(): number;
  /** Bytes of plaintext whose record fits the MTU; 0 before a cipher is agreed. */
  maximumPayload(): number;
  cipher(): NativeCipher | null;
  /** SSL_version(). */
  version(): number;
  /** DER, leaf first, as sent. */
  peerCertificates(): Buffer[];
  /** X509_V_ERR code, depth, code, depth ... */
  verification(): number[];
  setMtu(bytes: number): void;
  setRetransmissionTimeouts(initial: number, maximum: number): void;
  /** Frees the SSL now; every later step is Refused. */
  dispose(): void;
}

/** What the addon exports. */
export interface NativeModule {
  /** OPENSSL_VERSION_MAJOR of the headers it was built with. */
  readonly builtFor: number;
  /** OPENSSL_version_major() of the library in this process. */
  readonly running: number;
  /** OpenSSL_version(OPENSSL_VERSION) of the library in this process. */
  readonly opensslVersion: string;
  readonly TrustStore: new (certificates: readonly Uint8Array[]) => NativeTrustStore;
  readonly Context: new (options: NativeContextOptions) => NativeContext;
  readonly Connection: new (context: NativeContext) => NativeConnection;
  readonly ClientVerifier: new (digest: string, secret: Uint8Array) => NativeClientVerifier;
  /** What an OpenSSL cipher list selects for DTLS; '' for our default. */
  cipherList(list: string): NativeCipher[];
}
