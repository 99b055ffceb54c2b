import { familyOf, hostOf } from '../../lib/endpoint/addresses';

describe('hostOf()', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:192.0.2.1', '192.0.2.1'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::1', '2001:db8:1:2::/64'],
    ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['::', '0:0:0:0::/64'],
    ['fe80::1%eth0', 'fe80:0:0:0::/64'],
    ['1::', '1:0:0:0::/64'],
    ['::3:4:5:6:7:8', '0:0:3:4::/64'],
  ])('takes %s for a part of %s', (address, host) => {
    expect(hostOf(address)).toBe(host);
  });

  it('tells neighbouring networks apart', () => {
    expect(hostOf('2001:db8:1:2::1')).not.toBe(hostOf('2001:db8:1:3::1'));
    expect(hostOf('192.0.2.1')).not.toBe(hostOf('192.0.2.2'));
  });
});

describe('familyOf()', () => {
  it.each([['127.0.0.1', 'IPv4'], ['::1', 'IPv6'], ['::ffff:192.0.2.1', 'IPv6'], ['localhost', ''], ['', ''], ['1.2.3', '']])(
    'knows what %p is',
    (address, family) => {
      expect(familyOf(address)).toBe(family);
    },
  );
});
