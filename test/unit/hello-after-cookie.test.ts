import { handshakeOf, recordsOf } from '../support/dtls-records';
import { HelloScene } from '../support/hello-scene';

interface HelloParts {
  /** Version, random and session id. */
  readonly head: Buffer;
  readonly cookie: Buffer;
  /** Cipher suites, compression methods and extensions. */
  readonly tail: Buffer;
}

/** RFC 6347 section 4.2.1 */
function partsOf(datagram: Buffer): HelloParts {
  const [record] = recordsOf(datagram);
  if (record === undefined) throw new Error('no record');
  const { body } = handshakeOf(record);
  const cookieAt = 2 + 32 + 1 + body.readUInt8(34);
  const tailAt = cookieAt + 1 + body.readUInt8(cookieAt);
  return { head: body.subarray(0, cookieAt), cookie: body.subarray(cookieAt + 1, tailAt), tail: body.subarray(tailAt) };
}

describe('a client that was asked for a cookie', () => {
  it('says its hello again with the cookie, and everything else as before', () => {
    const { firstHello, secondHello } = new HelloScene();
    const [before, after] = [partsOf(firstHello), partsOf(secondHello)];
    expect(before.cookie).toHaveLength(0);
    expect(after.cookie).toHaveLength(32);
    expect(after.head).toEqual(before.head);
    expect(after.tail).toEqual(before.tail);
  });
});
