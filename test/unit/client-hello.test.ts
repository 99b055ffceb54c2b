import { clientHelloRandom, looksEncrypted } from '../../lib/endpoint/client-hello';

/** The beginning of a datagram with one handshake record, by RFC 6347 sections 4.1 and 4.2.2. */
function handshakeDatagram({ contentType = 22, epoch = 0, messageType = 1, offset = 0 }): Buffer {
  const datagram = Buffer.alloc(80);
  datagram.writeUInt8(contentType, 0);
  datagram.writeUInt16BE(0xfeff, 1);
  datagram.writeUInt16BE(epoch, 3);
  datagram.writeUInt8(messageType, 13);
  datagram.writeUIntBE(offset, 19, 3);
  datagram.fill(0xab, 27, 59);
  return datagram;
}

describe('clientHelloRandom', () => {
  it('reads the 32 bytes of random of a plaintext ClientHello', () => {
    expect(clientHelloRandom(handshakeDatagram({}))).toBe('ab'.repeat(32));
  });

  it.each([
    ['an application data record', handshakeDatagram({ contentType: 23 })],
    ['an encrypted handshake record', handshakeDatagram({ epoch: 1 })],
    ['another handshake message', handshakeDatagram({ messageType: 16 })],
    ['a later fragment', handshakeDatagram({ offset: 200 })],
    ['a hello that ends before its random', handshakeDatagram({}).subarray(0, 58)],
    ['nothing', Buffer.alloc(0)],
  ])('is null for %s', (_name, datagram) => {
    expect(clientHelloRandom(datagram)).toBeNull();
  });
});

describe('looksEncrypted', () => {
  it.each([
    ['application data of epoch 1', handshakeDatagram({ contentType: 23, epoch: 1 }), true],
    ['an alert of epoch 1', handshakeDatagram({ contentType: 21, epoch: 1 }), true],
    ['a plaintext alert', handshakeDatagram({ contentType: 21 }), false],
    ['a Finished of epoch 1', handshakeDatagram({ epoch: 1 }), false],
    ['plaintext application data', handshakeDatagram({ contentType: 23 }), false],
    ['half a header', handshakeDatagram({ contentType: 23, epoch: 1 }).subarray(0, 12), false],
  ])('judges %s', (_name, datagram, encrypted) => {
    expect(looksEncrypted(datagram)).toBe(encrypted);
  });
});
