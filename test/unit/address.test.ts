import { randomInt } from 'node:crypto';
import { addressBytes, isBroadcastOrMulticast } from '../../lib/internal/address';
import { Random } from '../support/random';

function hex(text: string): string | undefined {
  const bytes = addressBytes(text);
  return bytes === null ? undefined : Buffer.from(bytes).toString('hex');
}

function reachesMany(text: string): boolean {
  const bytes = addressBytes(text);
  if (bytes === null) throw new Error(`${text} is no address`);
  return isBroadcastOrMulticast(bytes);
}

describe('addressBytes', () => {
  it('says the same of the same text again, also after what is no address', () => {
    const texts = ['192.0.2.1', '192.0.2.1', 'no address', 'no address', '192.0.2.1', '::1', ''];
    expect(texts.map(hex)).toEqual(['c0000201', 'c0000201', undefined, undefined, 'c0000201', `${'0'.repeat(31)}1`, undefined]);
  });

  it.each([
    ['0.0.0.0', '00000000'],
    ['127.0.0.1', '7f000001'],
    ['255.255.255.255', 'ffffffff'],
    ['::', '00000000000000000000000000000000'],
    ['::1', '00000000000000000000000000000001'],
    ['1::', '00010000000000000000000000000000'],
    ['2001:db8::1', '20010db8000000000000000000000001'],
    ['2001:DB8:0:0:1::', '20010db8000000000001000000000000'],
    ['1:2:3:4:5:6:7:8', '00010002000300040005000600070008'],
    ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
    ['::2:3:4:5:6:7:8', '00000002000300040005000600070008'],
    ['::ffff:192.0.2.1', '00000000000000000000ffffc0000201'],
    ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221'],
    ['1:2:3:4:5:6:7.8.9.10', '0001000200030004000500060708090a'],
  ])('reads %s', (text, expected) => {
    expect(hex(text)).toBe(expected);
  });

  it.each(['fe80::1%eth0', 'fe80::1%3'])('leaves the scope out of %s', (text) => {
    expect(hex(text)).toBe(hex('fe80::1'));
  });

  it.each(['', ' ', 'localhost', '1.2.3', '1.2.3.4.5', '256.0.0.1', '1.2.3.4 ', '0x7f.0.0.1', '[::1]', '::1::', ':::'])(
    'takes %j for no address',
    (text) => {
      expect(addressBytes(text)).toBeNull();
    },
  );

  it('reads 500 random IPv6 addresses in every way to write them', () => {
    const seed = randomInt(2 ** 31);
    const random = new Random(seed);
    for (let i = 0; i < 500; i += 1) {
      const groups = Array.from({ length: 8 }, () => (random.below(2) === 0 ? 0 : random.below(0x10000)));
      const expected = groups.map((group) => group.toString(16).padStart(4, '0')).join('');
      for (const text of waysToWrite(groups, random)) {
        expect({ seed, text, hex: hex(text) }).toEqual({ seed, text, hex: expected });
      }
    }
  });
});

/** Whole, with some zeros left out if there are any, and with an IPv4 end. */
function waysToWrite(groups: readonly number[], random: Random): string[] {
  const short = groups.map((group) => group.toString(16));
  const [seventh = 0, eighth = 0] = groups.slice(6);
  const end = [seventh >> 8, seventh & 255, eighth >> 8, eighth & 255].join('.');
  const ways = [short.join(':'), short.join(':').toUpperCase(), [...short.slice(0, 6), end].join(':')];
  const start = groups.findIndex((group, index) => group === 0 && random.below(8) <= index);
  if (start < 0) return ways;
  let length = 1;
  while (groups[start + length] === 0) length += 1;
  const [left, right] = [short.slice(0, start).join(':'), short.slice(start + length).join(':')];
  return [...ways, `${left}::${right}`];
}

describe('isBroadcastOrMulticast', () => {
  it.each(['255.255.255.255', '224.0.0.0', '224.0.0.251', '239.255.255.255', 'ff00::', 'ff02::1', 'ffff::1'])(
    'knows that %s reaches many',
    (text) => {
      expect(reachesMany(text)).toBe(true);
    },
  );

  it.each(['0.0.0.0', '223.255.255.255', '240.0.0.1', '255.255.255.254', '127.0.0.1', '::', 'fe80::1', 'feff::1'])(
    'takes %s for the address of one',
    (text) => {
      expect(reachesMany(text)).toBe(false);
    },
  );

  it.each(['::ffff:255.255.255.255', '::ffff:224.0.0.1', '::ffff:239.1.2.3'])(
    'knows %s, as a socket for both families writes IPv4 addresses',
    (text) => {
      expect(reachesMany(text)).toBe(true);
    },
  );

  it('takes the IPv4-mapped address of one for what it is', () => {
    expect(reachesMany('::ffff:192.0.2.1')).toBe(false);
  });
});
