import { foreignOpenSsl, loadFailure, unsupportedRuntime, wrongOpenSsl } from '../../lib/internal/load-error';

describe('unsupportedRuntime', () => {
  it.each([
    ['electron', '33.2.0', 'Electron 33.2.0'],
    ['bun', '1.4.5', 'Bun 1.4.5'],
    ['deno', '2.9.6', 'Deno 2.9.6'],
  ])('refuses a process whose versions name %s', (key, version, name) => {
    const error = unsupportedRuntime({ ...process.versions, [key]: version }, '/somewhere/build/Release/qdtls.node');
    expect(error).toBeInstanceOf(Error);
    expect(error).toMatchObject({ code: 'ERR_QDTLS_NATIVE' });
    expect(error?.message).toContain(name);
    expect(error?.message).toContain('/somewhere/build/Release/qdtls.node');
    expect(error?.message).toContain('or run it with Node.js 20 or newer.');
  });

  it('says nothing against Node.js', () => {
    expect(unsupportedRuntime(process.versions, '/somewhere/qdtls.node')).toBeUndefined();
  });
});

describe('wrongOpenSsl', () => {
  it('names both versions and says how to rebuild', () => {
    const error = wrongOpenSsl(3, 'OpenSSL 4.1.0 23 Oct 2026');
    expect(error).toMatchObject({ code: 'ERR_QDTLS_NATIVE' });
    expect(error.message).toMatch(/built for OpenSSL 3, and this process runs OpenSSL 4\.1\.0 23 Oct 2026\./);
    expect(error.message).toContain('npm explore qdtls -- node-gyp rebuild');
  });
});

describe('foreignOpenSsl', () => {
  it('names the library that was carried and the one that answered', () => {
    const error = foreignOpenSsl('OpenSSL 3.5.9 29 Sep 2026', 'OpenSSL 3.0.19 27 Jan 2026');
    expect(error).toMatchObject({ code: 'ERR_QDTLS_NATIVE' });
    expect(error.message).toMatch(/carries OpenSSL 3\.5\.9 29 Sep 2026, and its calls arrive at OpenSSL 3\.0\.19 27 Jan 2026/);
  });
});

describe('loadFailure', () => {
  it('names the platform, every place, the cure and what the loader said', () => {
    const cause = new Error('No native build was found');
    const error = loadFailure(cause, ['/somewhere/build/Release', '/somewhere/prebuilds/os-cpu']);
    expect(error).toMatchObject({ code: 'ERR_QDTLS_NATIVE', cause });
    for (const part of [
      `${process.platform}-${process.arch}`,
      process.versions.node,
      'Tried: /somewhere/build/Release, /somewhere/prebuilds/os-cpu.',
      'npm explore qdtls -- node-gyp rebuild',
      'No native build was found',
    ]) {
      expect(error.message).toContain(part);
    }
  });

  it.each([null, undefined, 'text'])('copes with %p as the cause', (cause) => {
    expect(loadFailure(cause, [])).toMatchObject({ code: 'ERR_QDTLS_NATIVE' });
  });
});
