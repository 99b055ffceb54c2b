/**
 * Sessions over UDP in the shape of Node's coming `node:dtls`, made of the classes of `qdtls`.
 *
 * @module qdtls/endpoint
 */
export { connect, type ConnectOptions, type Lookup } from './connect';
export type { DropMessage, DropReason, SessionMessage } from './diagnostics';
export { DTLSEndpoint, type DTLSEndpointEvents } from './endpoint';
export { listen, type ListenOptions } from './listen';
export type { Remote, VerifyPeer } from './association';
export type { SocketEvents } from './inert-socket';
export type { ClientPsk, PskCredential, PskKey, ServerPsk } from './pre-shared-keys';
export {
  createSecureContext,
  DTLSSecureContext,
  type ClientCredentialOptions,
  type Data,
  type SecureContextOptions,
  type ServerCredentialOptions,
} from './secure-context';
export type { Identity, Sni } from './server-names';
export { DTLSSession, type DTLSSessionEvents } from './session';
export { SessionSocket } from './session-socket';
export { DTLSEndpointStats, DTLSSessionStats } from './stats';
export type { DatagramTransport, LocalAddress } from './transport';
