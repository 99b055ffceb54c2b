import { createRequire } from 'node:module';
import { join } from 'node:path';
import { loadFailure, unsupportedRuntime, wrongOpenSsl } from './load-error';
import type { NativeModule } from './native-types';

/** The package's own directory, from `dist/internal` as well as from `lib/internal`. */
const packageRoot = join(__dirname, '..', '..');
const load = createRequire(__filename);
// node-gyp-build has no types of its own.
const nodeGypBuild = load('node-gyp-build') as (directory: string) => unknown;

/**
 * Loads the addon, or throws an Error (code ERR_QDTLS_NATIVE) that says what to do. Refuses before loading where
 * another TLS library would answer OpenSSL's names.
 */
function loadNative(): NativeModule {
  const unsupported = unsupportedRuntime(process.versions);
  if (unsupported !== undefined) throw unsupported;
  // Sanitizer and coverage builds live outside build/Release and are named by this variable.
  const build = process.env['QDTLS_NATIVE_BUILD'];
  let loaded: NativeModule;
  try {
    // What native-types.ts declares is what native/binding exports.
    loaded = (build === undefined ? nodeGypBuild(packageRoot) : load(build)) as NativeModule;
  } catch (error) {
    throw loadFailure(error, build === undefined ? packageRoot : `${build} (named by QDTLS_NATIVE_BUILD)`);
  }
  if (loaded.builtFor !== loaded.running) throw wrongOpenSsl(loaded.builtFor, loaded.opensslVersion);
  return loaded;
}

/** The addon. */
export const native: NativeModule = loadNative();
