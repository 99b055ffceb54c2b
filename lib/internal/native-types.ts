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
  WantsPsk = 5,
  WantsContext = 6,
}

/** `Role` in native/core/role.h. */
export enum NativeRole {
  Client = 0,
  Server = 1,
}

/** `ClientVerifier::Verdict` in native/core/client_verifier.h. */
export enum NativeVerdict {
  Dropped = 0,
  Answered = 1,
  Verified = 2,
}

/** `PeerVerification` in native/core/context.h. */
export enum NativeVerification {
  None = 0,
  Request = 1,
  Verify = 2,
}

/**
 * `Outcome` in native/core/outcome.h when it is not in the mailbox: its status, a sentence for Failed and Refused (else ''), how many datagrams there are to
 * be sent, those, and the messages that were received; both in order.
 */
export type NativeOutcome = readonly [status: NativeStatus, reason: string, datagrams: number, ...Buffer[]];

/** `NameForm` in native/core/verification.h. */
export enum NameForm {
  NoWildcards = 0,
  WholeLabels = 1,
  PartsOfLabels = 2,
}

/** `CipherInfo` in native/core/cipher_list.h. */
export interface NativeCipher {
  readonly name: string;
  readonly standardName: string;
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
  /** ALPN, best first, each of 1 to 255 bytes. */
  readonly applicationProtocols: readonly Uint8Array[];
  /** OpenSSL's names, best first. */
  readonly srtpProfiles: readonly string[];
  /** Whether tickets are asked for, issued and taken. */
  readonly resumes: boolean;
  /** 80 bytes; empty for random ones. */
  readonly ticketKeys: Uint8Array;
  /** What sessions are bound to: 1 to 32 bytes, when `resumes`. */
  readonly sessionIdContext: Uint8Array;
  /** Of a server: its connections ask WantsContext. */
  readonly asksForServerName: boolean;
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
  /** The HelloVerifyRequest to answer with is left in the mailbox. */
  decide(datagram: Uint8Array, address: Uint8Array, port: number): NativeVerdict;
}

/** The counters of a connection. */
export interface NativeStatistics {
  readonly datagramsReceived: number;
  readonly bytesReceived: number;
  readonly datagramsSent: number;
  readonly bytesSent: number;
  readonly retransmissions: number;
  /** By OpenSSL's name of the alert. */
  readonly alertsReceived: Readonly<Record<string, number>>;
  readonly alertsSent: Readonly<Record<string, number>>;
  /** In the order of `Drop` in native/core/record_guard.h. */
  readonly dropped: readonly number[];
}

/**
 * `Connection` in native/core/connection.h. A step leaves in the mailbox how the connection stands, and its outcome; one that does not fit, or has a reason
 * to tell, is returned.
 */
export interface NativeConnection extends NativeMade {
  start(): NativeOutcome | undefined;
  accept(hello: Uint8Array): NativeOutcome | undefined;
  acceptVerified(hello: Uint8Array, verifier: NativeClientVerifier, address: Uint8Array, port: number): NativeOutcome | undefined;
  handshake(datagram: Uint8Array): NativeOutcome | undefined;
  /** Answers WantsPsk; an empty key is no key. */
  providePsk(identity: Uint8Array, key: Uint8Array): NativeOutcome | undefined;
  /** Puts into the mailbox: a server the identity that is asked for, a client the server's hint. */
  pskSubject(): void;
  handleTimeout(): NativeOutcome | undefined;
  /** What NativeModule's functions for application data left to tell: `Connection::takeRest`. */
  takeRest(): NativeOutcome | undefined;
  /** The last step: disposes of it too. */
  shutdown(): NativeOutcome | undefined;
  /** Bytes of plaintext whose record fits the MTU; 0 before a cipher is agreed. */
  maximumPayload(): number;
  cipher(): NativeCipher | null;
  /** Whether the peer's certificate is for this name, or this address: X509_check_host, X509_check_ip_asc. */
  checkHost(name: string, form: NameForm): boolean;
  checkIp(address: string): boolean;
  /** DER, leaf first, as sent. */
  peerCertificates(): Buffer[];
  /** X509_V_ERR code, depth, code, depth ... */
  verification(): number[];
  setMtu(bytes: number): void;
  /** After dispose() the last there were. */
  statistics(): NativeStatistics;
  /** Name of the last alert that was ignored because nobody signed it, or ''. */
  ignoredAlert(): string;
  /** Agreed on by ALPN; empty for none. */
  applicationProtocol(): Buffer;
  /** OpenSSL's name of it; '' for none. */
  srtpProfile(): string;
  /** SSL_export_keying_material(): the keys, or why there are none. A context of null is none. */
  exportKeys(length: number, label: Uint8Array, context: Uint8Array | null): Buffer | string;
  /** Has secrets written down from the next step on. */
  logKeys(): void;
  /** Those since the last call, in the lines of an NSS key log. */
  takeKeyLog(): string[];
  /** Of a client before start(): the name to ask for and the session to continue, each or neither. Why not, or ''. */
  prepare(serverName: string, session: Uint8Array): string;
  /** Answers WantsContext; null for the present one. */
  provideContext(context: NativeContext | null): NativeOutcome | undefined;
  /** Answers WantsContext: the handshake fails with this alert. */
  refuseServerName(alert: number): NativeOutcome | undefined;
  /** Of a server: what the client asked for, or ''. */
  serverName(): string;
  /** SSL_session_reused() */
  isResumed(): boolean;
  /** Of an established client: SSL_SESSION in DER; empty when there is none to be continued. */
  session(): Buffer;
  /** Of its ticket, in seconds as the server said; -1 without one. */
  ticketLifetime(): number;
  /** SSL_free_buffers(), when nothing is in them. */
  trim(): void;
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
  /** The same of the headers it was built with: OPENSSL_VERSION_TEXT. */
  readonly headersVersion: string;
  /** Whether OpenSSL is inside the addon, and not that of the process. */
  readonly carriesOpenSsl: boolean;
  /** Bytes. */
  readonly maximumPskIdentity: number;
  readonly maximumPsk: number;
  readonly TrustStore: new (certificates: readonly Uint8Array[]) => NativeTrustStore;
  readonly Context: new (options: NativeContextOptions) => NativeContext;
  /** Leaves in the mailbox how NativeModule's functions for application data call it; slot -1 when it was not made. */
  readonly Connection: new (
    context: NativeContext,
    mtu: number,
    maximumBytes: number,
    maximumRetransmissions: number,
    obeyUnauthenticatedAlerts: boolean,
    initialTimeout: number,
    maximumTimeout: number,
  ) => NativeConnection;
  readonly ClientVerifier: new (digest: string, secrets: readonly Uint8Array[], bindsHello: boolean) => NativeClientVerifier;
  /** What an OpenSSL cipher list selects for DTLS; '' for our default. */
  cipherList(list: string): NativeCipher[];
  /** Says which serial numbers of peers steps shall tell of: the bytes of ASN1_INTEGER. */
  watchSerials(serialNumbers: readonly Uint8Array[]): void;
  /** SSL_CTXs made in this process so far, in all threads. */
  contextsCreated(): number;
  /** Native connections made in this process so far, in all threads. */
  connectionsCreated(): number;

  // Application data: native/binding/record_calls.h says how. Only lib/internal/record-calls.ts, batch-calls.ts,
  // known-view.ts and outcome.ts use these.
  readonly box: Int32Array;
  readonly arena: Uint8Array;
  readonly setSlab: (slab: Uint8Array) => void;
  readonly sealIn: () => void;
  readonly openIn: () => void;
  readonly sealInto: (out: Uint8Array) => void;
  readonly openInto: (out: Uint8Array) => void;
  readonly sealAgain: () => void;
  readonly openAgain: () => void;
  readonly openInPlace: (datagram: Uint8Array) => void;
  readonly sealMany: (
    messages: Uint8Array,
    lengths: Int32Array,
    sizes: Int32Array,
    names: Int32Array | undefined,
    out: Uint8Array,
  ) => void;
  readonly openMany: (
    datagrams: Uint8Array,
    lengths: Int32Array,
    sizes: Int32Array,
    names: Int32Array | undefined,
  ) => void;
  readonly sealManyAgain: () => void;
  readonly openManyAgain: () => void;
}
