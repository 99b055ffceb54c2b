import { opensslAdvisories, opensslVersion } from '../../lib';
import { native } from '../../lib/internal/native';
import { advisoriesFor, warnOfAdvisories, type KnownAdvisory } from '../../lib/internal/openssl-advisories';

const PARKING = 'CVE-2026-54874';
const SHORT_RECORD = 'CVE-2026-75806';
const STALE_OFFSET = 'CVE-2026-84782';

describe('opensslVersion', () => {
  it('tells the OpenSSL inside this Node, or the one that the addon carries, with its name', () => {
    expect(opensslVersion()).toMatch(/^OpenSSL \d+\.\d+\.\d+/);
    const expected = native.carriesOpenSsl ? native.headersVersion : process.versions.openssl;
    expect(opensslVersion()).toContain(expected);
  });
});

describe('opensslAdvisories', () => {
  it('tells what applies to that OpenSSL, all of it covered', () => {
    expect(opensslAdvisories()).toEqual(advisoriesFor(opensslVersion()));
    expect(opensslAdvisories().filter(({ covered }) => !covered)).toEqual([]);
  });

  it('gives a copy', () => {
    expect(opensslAdvisories()).not.toBe(opensslAdvisories());
  });
});

describe('the table of advisories', () => {
  it.each([
    ['OpenSSL 3.0.8 7 Feb 2023', [PARKING, SHORT_RECORD, STALE_OFFSET]],
    ['OpenSSL 3.0.13+quic 30 Jan 2024', [PARKING, SHORT_RECORD, STALE_OFFSET]],
    ['OpenSSL 3.0.19 27 Jan 2026', [PARKING, SHORT_RECORD, STALE_OFFSET]],
    ['OpenSSL 3.0.21 7 Jul 2026', [PARKING, SHORT_RECORD, STALE_OFFSET]],
    ['OpenSSL 3.0.22 25 Aug 2026', [SHORT_RECORD, STALE_OFFSET]],
    ['OpenSSL 3.0.23 29 Sep 2026', []],
    ['OpenSSL 3.1.8 11 Feb 2025', [PARKING, SHORT_RECORD, STALE_OFFSET]],
    ['OpenSSL 3.3.99 1 Oct 2026', [PARKING, SHORT_RECORD, STALE_OFFSET]],
    ['OpenSSL 3.4.7 25 Aug 2026', [SHORT_RECORD, STALE_OFFSET]],
    ['OpenSSL 3.4.8 29 Sep 2026', []],
    ['OpenSSL 3.5.7 7 Jul 2026', [PARKING, SHORT_RECORD, STALE_OFFSET]],
    ['OpenSSL 3.5.8 25 Aug 2026', [SHORT_RECORD, STALE_OFFSET]],
    ['OpenSSL 3.5.9 29 Sep 2026', []],
    ['OpenSSL 3.5.10 1 Dec 2026', []],
    ['OpenSSL 3.6.4 25 Aug 2026', [SHORT_RECORD, STALE_OFFSET]],
    ['OpenSSL 3.6.5 29 Sep 2026', []],
    ['OpenSSL 4.0.1 1 Jun 2026', [PARKING, SHORT_RECORD, STALE_OFFSET]],
    ['OpenSSL 4.0.3 29 Sep 2026', []],
    ['OpenSSL 4.1.0 23 Oct 2026', []],
    ['OpenSSL 5.0.0 1 Jan 2030', []],
    ['BoringSSL', []],
    ['', []],
  ])('says about %j: %j', (version, ids) => {
    expect(advisoriesFor(version).map(({ id }) => id)).toEqual(ids);
  });

  it.each([
    ['3.0.19', '3.0.23'],
    ['3.2.4', '3.4.8'],
    ['3.5.8', '3.5.9'],
    ['3.9.0', '4.0.3'],
    ['4.0.0', '4.0.3'],
  ])('names the nearest good release after %s: %s', (version, fixedIn) => {
    expect(advisoriesFor(version).find(({ id }) => id === SHORT_RECORD)).toEqual({
      id: SHORT_RECORD,
      fixedIn,
      covered: true,
    });
  });
});

describe('the warning about what is not covered', () => {
  const OPEN: KnownAdvisory = { id: 'CVE-2099-1', fixes: ['3.0.50', '3.5.50'], covered: false };
  const COVERED: KnownAdvisory = { id: 'CVE-2099-2', fixes: ['3.0.50', '3.5.50'], covered: true };
  const VERSION = 'OpenSSL 3.0.19 27 Jan 2026';
  let emitWarning: jest.SpyInstance;

  beforeEach(() => {
    emitWarning = jest.spyOn(process, 'emitWarning').mockImplementation();
  });
  afterEach(() => jest.restoreAllMocks());

  it('is one line that names version, advisory, repair and what to do, with a code to hide it by', () => {
    warnOfAdvisories(VERSION, advisoriesFor(VERSION, [OPEN, COVERED]));
    expect(emitWarning.mock.calls).toEqual([
      [
        expect.stringMatching(/^OpenSSL 3\.0\.19 .* CVE-2099-1 \(repaired in 3\.0\.50\)\. Use a Node\.js with a newer OpenSSL;/),
        { type: 'SecurityWarning', code: 'QDTLS_OPENSSL_ADVISORY' },
      ],
    ]);
    expect(String(emitWarning.mock.calls[0])).toContain('--disable-warning=QDTLS_OPENSSL_ADVISORY');
    expect(String(emitWarning.mock.calls[0])).not.toMatch(/CVE-2099-2|\n/);
  });

  it('is not given when everything is covered, or repaired', () => {
    warnOfAdvisories(VERSION, advisoriesFor(VERSION, [COVERED]));
    warnOfAdvisories('OpenSSL 3.5.50', advisoriesFor('OpenSSL 3.5.50', [OPEN]));
    expect(emitWarning).not.toHaveBeenCalled();
  });

  it('is left to the main thread', () => {
    warnOfAdvisories(VERSION, advisoriesFor(VERSION, [OPEN]), false);
    expect(emitWarning).not.toHaveBeenCalled();
  });
});
