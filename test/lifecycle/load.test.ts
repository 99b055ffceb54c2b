import { nodeLinkedBuild, prebuild } from '../support/builds';
import { stopCommands } from '../support/command';
import { resultOf, runFixture } from '../support/fixture';

afterEach(stopCommands);

describe('loading the package', () => {
  it('works', async () => {
    expect(await resultOf(runFixture('load'))).toEqual({ loaded: 'function' });
  });

  it('says which file is missing and who named it, when QDTLS_NATIVE_BUILD points nowhere', async () => {
    const environment = { QDTLS_NATIVE_BUILD: '/nowhere/at-all.node' };
    const command = runFixture('load', [], { environment });
    expect(await resultOf(command)).toMatchObject({ code: 'ERR_QDTLS_NATIVE' });
    expect(command.output).toMatch(/could not load its native addon .*\/nowhere\/at-all\.node .*QDTLS_NATIVE_BUILD/);
  });

  it('says that a file is no addon, when QDTLS_NATIVE_BUILD names one that is none', async () => {
    const result = await resultOf(runFixture('load', [], { environment: { QDTLS_NATIVE_BUILD: __filename } }));
    expect(result).toMatchObject({ code: 'ERR_QDTLS_NATIVE' });
  });

  it.each(['electron', 'bun', 'deno'])('is refused in %s when the addon needs the OpenSSL of Node', async (runtime) => {
    const command = runFixture('load', [runtime], { environment: { QDTLS_NATIVE_BUILD: nodeLinkedBuild } });
    expect(await resultOf(command)).toMatchObject({ code: 'ERR_QDTLS_NATIVE' });
    expect(command.output).toMatch(/carries another TLS library\. .* run it with Node\.js 20 or newer\./);
  });

  (prebuild === undefined ? it.skip : it).each(['electron', 'bun', 'deno'])(
    'works in %s with a prebuild, which carries its own',
    async (runtime) => {
      const command = runFixture('load', [runtime], { environment: { QDTLS_NATIVE_BUILD: prebuild } });
      expect(await resultOf(command)).toEqual({ loaded: 'function' });
    },
  );
});
