import { packSession, unpackSession } from '../../lib/endpoint/session-ticket';

const encoding = Buffer.from('what OpenSSL wrote');

describe('session.session', () => {
  it.each(['device.example', '192.0.2.1', '', 'b\u00fccher.example', 'a'.repeat(255)])('keeps the identity %p with the session', (identity) => {
    expect(unpackSession(packSession({ identity, encoding }))).toEqual({ identity, encoding });
  });

  it('shares no memory with what it was read from', () => {
    const packed = packSession({ identity: 'device.example', encoding });
    const saved = unpackSession(packed);
    packed.fill(0);
    expect(saved?.encoding).toEqual(encoding);
  });

  const packed = packSession({ identity: 'device.example', encoding });
  const empty = packSession({ identity: 'device.example', encoding: Buffer.alloc(0) });
  it.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(100)],
    ["OpenSSL's own encoding", encoding],
    ['another version', Buffer.from(packed.toString('latin1').replace('session 1', 'session 2'), 'latin1')],
    ['an identity that is longer than the bytes', packed.subarray(0, 24)],
    ['no session', empty],
  ])('is not read from %s', (_, bytes) => {
    expect(unpackSession(bytes)).toBeNull();
  });

  it('is never read beyond its end, wherever it was cut', () => {
    const least = packed.length - encoding.length;
    for (let length = 0; length <= least; length += 1) expect(unpackSession(packed.subarray(0, length))).toBeNull();
  });
});
