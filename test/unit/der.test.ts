import {
  DerError,
  derInteger,
  derObjectIdentifier,
  DerReader,
  derSequence,
  derText,
  derTime,
} from '../../lib/internal/der';

function read(hex: string): ReturnType<DerReader['read']> {
  return new DerReader(Buffer.from(hex, 'hex')).read();
}

describe('DerReader', () => {
  it('reads one element after the other', () => {
    const reader = new DerReader(Buffer.from('020105300302010604810161', 'hex'));
    expect(reader.nextTag).toBe(0x02);
    expect(reader.read(0x02).content.toString('hex')).toBe('05');
    expect(reader.readOptional(0x04)).toBeNull();
    expect(reader.enter(0x30).read().content.toString('hex')).toBe('06');
    expect(reader.read().content.toString()).toBe('a');
    expect(reader.done).toBe(true);
    expect(reader.nextTag).toBe(-1);
  });

  it.each([
    ['nothing', ''],
    ['a tag alone', '30'],
    ['a length that is cut off', '3082ff'],
    ['a content that is cut off', '300301'],
    ['a length that is not definite', '30800000'],
    ['a length of five bytes', '30850000000001ff'],
    ['a length beyond the bytes', '3084ffffffff00'],
    ['a tag of several bytes', '1f8101'],
  ])('refuses %s', (_, hex) => {
    expect(() => read(hex)).toThrow(DerError);
  });

  it('refuses another tag than the one that must come', () => {
    expect(() => new DerReader(Buffer.from('0500', 'hex')).read(0x30)).toThrow(DerError);
  });
});

describe('derObjectIdentifier', () => {
  it.each([
    ['550403', '2.5.4.3'],
    ['2a864886f70d010901', '1.2.840.113549.1.9.1'],
    ['883703', '2.999.3'],
    ['00', '0.0'],
    ['7f', '2.47'],
    ['2a8fffffffffffffffff7f', '1.2.147573952589676412927'],
  ])('writes %s as %s', (hex, expected) => {
    expect(derObjectIdentifier(Buffer.from(hex, 'hex'))).toBe(expected);
  });

  it('refuses one so long that it can only be meant to waste time', () => {
    expect(() => derObjectIdentifier(Buffer.alloc(100_000, 0xff))).toThrow(DerError);
  });
});

describe('derText', () => {
  it.each([
    ['an odd BMPString', '1e0100'],
    ['a UniversalString of three bytes', '1c03000041'],
    ['a UniversalString beyond Unicode', '1c0400110000'],
    ['an INTEGER', '020141'],
  ])('finds no text in %s', (_, hex) => {
    expect(derText(read(hex))).toBeNull();
  });
});

describe('derTime', () => {
  function time(tag: number, text: string): Date | null {
    return derTime({ tag, content: Buffer.from(text), encoded: Buffer.alloc(0) });
  }

  it.each([
    [0x17, '491231235959Z', '2049-12-31T23:59:59.000Z'],
    [0x17, '500101000000Z', '1950-01-01T00:00:00.000Z'],
    [0x18, '20500101000000Z', '2050-01-01T00:00:00.000Z'],
    [0x18, '00010101000000Z', '0001-01-01T00:00:00.000Z'],
    [0x18, '20240229120000Z', '2024-02-29T12:00:00.000Z'],
  ])('reads tag %i with %s as %s', (tag, text, expected) => {
    expect(time(tag, text)?.toISOString()).toBe(expected);
  });

  it.each([
    ['a time zone', 0x17, '490101000000+0100'],
    ['no seconds', 0x17, '4901010000Z'],
    ['a fraction', 0x18, '20500101000000.5Z'],
    ['month 13', 0x18, '20501301000000Z'],
    ['February 30', 0x18, '20500230000000Z'],
    ['February 29 of 2100', 0x18, '21000229000000Z'],
    ['hour 24', 0x18, '20500101240000Z'],
    ['minute 60', 0x18, '20500101006000Z'],
    ['another type', 0x16, '20500101000000Z'],
  ])('refuses %s', (_, tag, text) => {
    expect(time(tag, text)).toBeNull();
  });
});

describe('the encoders', () => {
  it.each([
    ['', '020100'],
    ['00', '020100'],
    ['0005', '020105'],
    ['80', '02020080'],
    ['ff'.repeat(200), `0281c900${'ff'.repeat(200)}`],
  ])('write the magnitude %s as INTEGER %s', (hex, expected) => {
    expect(derInteger(Buffer.from(hex, 'hex')).toString('hex')).toBe(expected);
  });

  it('write a long SEQUENCE', () => {
    const encoded = derSequence(Buffer.from('0482012c', 'hex'), Buffer.alloc(300));
    expect(encoded.subarray(0, 4).toString('hex')).toBe('30820130');
    expect(new DerReader(encoded).enter(0x30).read(0x04).content).toHaveLength(300);
  });
});
