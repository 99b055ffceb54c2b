import { matchesHostName as namesMatch, presentedNames } from '../../lib/hostname-check';
import { NameForm } from '../../lib/internal/native-types';
import { EncodingFormat } from '../../lib/qssl';
import { QSslCertificate } from '../../lib/qsslcertificate';
import type { CertificateOptions } from '../support/certificates';
import { extension, issueCertificate } from '../support/certificates';
import { element } from '../../lib/cli/console/der-writer';

function certificate(options: CertificateOptions): QSslCertificate {
  return new QSslCertificate(issueCertificate(options).certificateDer, EncodingFormat.Der);
}

function forDnsName(...dnsNames: string[]): QSslCertificate {
  return certificate({ commonName: [], dnsNames });
}

function forCommonName(...commonName: string[]): QSslCertificate {
  return certificate({ commonName });
}

const forms = {
  [NameForm.NoWildcards]: { wildcards: false },
  [NameForm.WholeLabels]: { partialWildcards: false },
  [NameForm.PartsOfLabels]: {},
};

/** As a client asks about its server, with node:crypto in place of the association. */
function matchesHostName(subject: QSslCertificate, name: string): boolean {
  const x509 = subject.x509();
  const names = {
    checkHost: (host: string, form: NameForm) => x509?.checkHost(host, forms[form]) !== undefined,
    checkIp: (address: string) => x509?.checkIP(address) !== undefined,
  };
  return namesMatch(names, () => presentedNames(subject), name);
}

interface Row {
  readonly pattern: string;
  readonly matches: readonly string[];
  readonly refuses: readonly string[];
}

const hosts = [
  ...['a.example.com', 'foo.example.com', 'xn--bcher-kva.example.com', 'example.com', 'www.foo.com'],
  ...['x.com', '1.0.0.1', 'localhost', '', '.'],
];

const rows: readonly Row[] = [
  {
    pattern: '*.example.com',
    matches: ['a.example.com', 'A.Example.COM', 'xn--bcher-kva.example.com'],
    refuses: ['a.b.example.com', 'example.com', '.example.com', 'a.example.com.', 'a.example.org', '*'],
  },
  {
    pattern: 'f*.example.com',
    matches: ['foo.example.com', 'FOO.example.com', 'f.example.com', 'f-1.example.com'],
    refuses: ['bar.example.com', 'foo.a.example.com', 'f.a.example.com', 'example.com', 'fexample.com', 'f'],
  },
  { pattern: 'F*.Example.Com', matches: ['foo.example.com'], refuses: ['bar.example.com'] },
  { pattern: 'example.com', matches: ['example.COM'], refuses: ['example.com.', 'a.example.com'] },
  { pattern: 'example.com.', matches: ['example.com.'], refuses: ['example.com'] },
  { pattern: 'localhost', matches: ['localhost', 'LOCALHOST'], refuses: ['localhost.', 'local'] },
  { pattern: 'a_b.example.com', matches: ['a_b.example.com'], refuses: ['a-b.example.com'] },
  {
    pattern: 'xn--bcher-kva.example',
    matches: ['b\u00fccher.example', 'B\u00dcCHER.example'],
    refuses: ['bucher.example'],
  },
  ...[
    '*o.example.com',
    'f*o.example.com',
    'www.*.com',
    '*.com',
    '*',
    '*.*.example.com',
    'f*.*.com',
    'f*o*.example.com',
    'xn--*.example.com',
    '*.0.0.1',
    '1*.0.0.1',
    'f*.com',
    'f*',
    '',
    ' ',
    '.',
    '.example.com',
    'My Server',
  ].map((pattern) => ({ pattern, matches: [], refuses: [...hosts, pattern] })),
];

describe.each([
  ['a DNS name', forDnsName],
  ['a common name', forCommonName],
])('the host name check of a certificate with %s', (_, make) => {
  it.each(rows)('of $pattern matches $matches and refuses $refuses', ({ pattern, matches, refuses }) => {
    const subject = make(pattern);
    expect(matches.filter((name) => !matchesHostName(subject, name))).toEqual([]);
    expect(refuses.filter((name) => matchesHostName(subject, name))).toEqual([]);
  });

  it('finds an allowed pattern among forbidden ones that match as well', () => {
    const subject = make('f*o.example.com', '*o.example.com', 'f*.example.com');
    expect(matchesHostName(subject, 'foo.example.com')).toBe(true);
    expect(matchesHostName(subject, 'boo.example.com')).toBe(false);
  });

  it('looks at every name', () => {
    const subject = make('a.example', 'b.example', '*.c.example');
    for (const name of ['a.example', 'b.example', 'x.c.example']) {
      expect(matchesHostName(subject, name)).toBe(true);
    }
  });
});

describe('the host name check', () => {
  it('takes common names only where there is no DNS name', () => {
    const commonName = 'cn.example.com';
    expect(matchesHostName(certificate({ commonName }), commonName)).toBe(true);
    const ipAddresses = ['192.0.2.1'];
    expect(matchesHostName(certificate({ commonName, ipAddresses }), commonName)).toBe(true);
    const subject = certificate({ commonName, dnsNames: ['san.example.com'] });
    expect(matchesHostName(subject, commonName)).toBe(false);
    expect(matchesHostName(subject, 'san.example.com')).toBe(true);
    const partial = certificate({ commonName: 'c*.example.com', dnsNames: ['san.example.com'] });
    expect(matchesHostName(partial, commonName)).toBe(false);
  });

  it('never matches an empty name, which a common name that is no host name equals in Qt', () => {
    for (const commonName of ['My Server', '', []]) {
      expect(matchesHostName(certificate({ commonName }), '')).toBe(false);
    }
  });

  it.each([
    ['a space', 'My Server'],
    ['a NUL inside', 'a.example.com\0.evil.example'],
    ['a NUL at the end', 'a.example.com\0'],
    ['a leading dot', '.example.com'],
    ['an ideographic leading dot', '\u3002example.com'],
    ['an empty label', 'a..example.com'],
    ['a percent sign', '%61.example.com'],
    ['a port', 'a.example.com:443'],
    ['a slash', '\u00e4.example.com/x'],
    ['a tab', 'a.exam\tple.com'],
    ['a line break', 'a.example.com\n'],
    ['brackets', '[::1]'],
    ['a broken internationalized label', '\u00e4\ufffd.example.com'],
  ])('matches no name with %s', (_, name) => {
    const subject = forDnsName('a.example.com', '*.example.com', 'xn--4ca.example.com', name);
    expect(matchesHostName(subject, name)).toBe(false);
  });

  it('does not take a name for an address that it only resembles', () => {
    const subject = certificate({ ipAddresses: ['127.0.0.1'], dnsNames: ['127.0.0.1'] });
    for (const name of ['127.1', '0x7f.0.0.1', '2130706433', '\uff11\uff12\uff17.0.0.1', '127.0.0.1.']) {
      expect(matchesHostName(subject, name)).toBe(false);
    }
  });

  it('does not read a NUL in a certificate as its end', () => {
    expect(matchesHostName(forDnsName('a.example.com\0.evil.example'), 'a.example.com')).toBe(false);
    expect(matchesHostName(forCommonName('a.example.com\0.evil.example'), 'a.example.com')).toBe(false);
  });

  it('ignores mail and URI names', () => {
    const uri = element(0x30, element(0x86, Buffer.from('a.example.com')));
    const subject = certificate({ commonName: 'x', extensions: [extension('2.5.29.17', uri)] });
    expect(matchesHostName(subject, 'a.example.com')).toBe(false);
    expect(matchesHostName(certificate({ emailAddresses: ['a.example.com'] }), 'a.example.com')).toBe(false);
  });

  it('refuses a null certificate', () => {
    expect(matchesHostName(new QSslCertificate(), 'localhost')).toBe(false);
    expect(matchesHostName(new QSslCertificate(), '')).toBe(false);
  });

  describe('of an address', () => {
    const subject = certificate({ commonName: [], ipAddresses: ['192.0.2.1', '2001:db8::1'] });

    it.each(['192.0.2.1', '2001:db8::1', '2001:DB8:0:0:0:0:0:1'])('matches %s to an IP name', (name) => {
      expect(matchesHostName(subject, name)).toBe(true);
    });

    it.each(['192.0.2.2', '::ffff:192.0.2.1', '2001:db8::2', '2001:db8::1%eth0', '192.0.2.01', '192.0.2.1.'])(
      'refuses %s',
      (name) => {
        expect(matchesHostName(subject, name)).toBe(false);
      },
    );

    it('does not match a plain address to a mapped one', () => {
      const mapped = certificate({ commonName: [], ipAddresses: ['::ffff:192.0.2.1'] });
      expect(matchesHostName(mapped, '::ffff:192.0.2.1')).toBe(true);
      expect(matchesHostName(mapped, '192.0.2.1')).toBe(false);
    });

    it('goes on with DNS names and common names that hold its text', () => {
      expect(matchesHostName(forCommonName('127.0.0.1'), '127.0.0.1')).toBe(true);
      expect(matchesHostName(forDnsName('127.0.0.1'), '127.0.0.1')).toBe(true);
      expect(matchesHostName(certificate({ commonName: '::1', ipAddresses: ['::2'] }), '::1')).toBe(true);
    });

    it.each(['*.0.0.1', '1*.0.0.1', '127.*.0.1', '*'])('never matches the wildcard %s', (pattern) => {
      expect(matchesHostName(forDnsName(pattern), '127.0.0.1')).toBe(false);
      expect(matchesHostName(forCommonName(pattern), '127.0.0.1')).toBe(false);
    });
  });
});
