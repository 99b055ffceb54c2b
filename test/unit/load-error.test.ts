import { loadFailure, unsupportedRuntime, wrongOpenSsl } from '../../lib/internal/load-error';

describe('unsupportedRuntime', () => {
  it.each([
    ['electron', '33.2.0', 'Electron 33.2.0'],
    ['bun', '1.4.5', 'Bun 1.4.5'],
    ['deno', '2.9.6', 'Deno 2.9.6'],
  ])('refuses a process whose versions name %s', (key, version, name) => {
    const error = unsupportedRuntime({ ...process.versions, [key]: version });
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: 'ERR_QDTLS_NATIVE' });
    expect(error?.message).toContain(name);
    expect(error?.message).toContain('Run it with Node.js 20 or newer.');
  });

  it('says nothing against Node.js', () => {
    expect(unsupportedRuntime(process.versions)).toBeUndefined();
  });
});

describe('wrongOpenSsl', () => {
  it('names both versions and says how to rebuild', () => {
    const error = wrongOpenSsl(3, 'OpenSSL 4.1.0 23 Oct 2026');
    expect(error).toMatchObject({ code: 'ERR_QDTLS_NATIVE' });
    expect(error.message).toMatch(/built for OpenSSL 3, and this process runs OpenSSL 4\.1\.0 23 Oct 2026\./);
    expect(error.message).toContain('npm explore qdtls -- npm run build:native');
  });
});

describe('loadFailure', () => {
  it('names the platform, the place, the cure and what the loader said', () => {
    const cause = new Error('No native build was found');
    const error = loadFailure(cause, '/somewhere/qdtls');
    expect(error).toMatchObject({ code: 'ERR_QDTLS_NATIVE', cause });
    for (const part of [
      `${process.platform}-${process.arch}`,
      process.versions.node,
      '/somewhere/qdtls',
      'npm explore qdtls -- npm run build:native',
      'No native build was found',
    ]) {
      expect(error.message).toContain(part);
    }
  });

  it.each([null, undefined, 'text'])('copes with %p as the cause', (cause) => {
    expect(loadFailure(cause, '/somewhere')).toMatchObject({ code: 'ERR_QDTLS_NATIVE' });
  });
});
