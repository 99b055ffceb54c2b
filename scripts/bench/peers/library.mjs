// What a library written for Node has to offer to be played.

/**
 * One established association of a client.
 *
 * @typedef {object} Association
 * @property {number} suite as negotiated
 * @property {(message: Buffer) => void} onMessage set by its user
 * @property {(message: Buffer) => void} send
 * @property {() => void} close
 *
 * One association of a server.
 * @typedef {object} Served
 * @property {(datagram: Buffer) => void} take
 * @property {boolean} isEstablished
 * @property {boolean} isOver
 * @property {() => void} end gives back what it holds
 *
 * A stranger's datagram: answers with an association once the stranger is welcome, and with null before.
 * @typedef {(stranger: Stranger) => Served | null} Accept
 * @typedef {object} Stranger
 * @property {import('node:dgram').Socket} socket
 * @property {Buffer} datagram to be consumed
 * @property {import('node:dgram').RemoteInfo} remote
 * @property {(suite: number) => void} established to be called when the handshake is over
 *
 * @typedef {object} Library
 * @property {(port: number) => Promise<Association>} connect
 * @property {Accept} [accept] absent: it cannot be a server
 */

/**
 * @param {import('./contract.mjs').Setting} setting
 * @returns {Promise<Library>}
 */
export async function loadLibrary(setting) {
  switch (setting.library) {
    case 'qdtls':
      return (await import('./library-qdtls.mjs')).load(setting);
    case 'werift':
      return (await import('./library-werift.mjs')).load(setting);
    case 'node-dtls-client':
      return (await import('./library-node-dtls-client.mjs')).load(setting);
    default:
      throw new Error(`there is no player for ${setting.library}`);
  }
}
