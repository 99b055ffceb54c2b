import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { foreignOpenSsl, loadFailure, unsupportedRuntime, wrongOpenSsl } from './load-error';
import type { NativeModule } from './native-types';

/** The package's own directory, from `dist/internal` as well as from `lib/internal`. */
const packageRoot = join(__dirname, '..', '..');
const load = createRequire(__filename);
// node-gyp-build has no types of its own.
const nodeGypBuild = load('node-gyp-build') as { readonly path: (directory: string) => string };

/** Sanitizer and coverage builds live outside build/Release and are named by this variable; tests name a prebuild. */
const named = process.env['QDTLS_NATIVE_BUILD'];

/** Where the addon is looked for: what was built from source comes before what came with the package. */
const places =
  named === undefined
    ? ['build/Release', 'build/Debug', `prebuilds/${process.platform}-${process.arch}`].map((place) => join(packageRoot, place))
    : [`${named} (named by QDTLS_NATIVE_BUILD)`];

/** Whether a file lies where prebuilds lie, which carry their own OpenSSL. */
function isPrebuilt(file: string): boolean {
  return basename(dirname(dirname(file))) === 'prebuilds';
}

function locate(): string {
  try {
    return named ?? nodeGypBuild.path(packageRoot);
  } catch (error) {
    throw loadFailure(error, places);
  }
}

/**
 * Loads the addon, or throws an Error (code ERR_QDTLS_NATIVE) that says what to do. Refuses before loading where
 * another TLS library would answer OpenSSL's names.
 */
function loadNative(): NativeModule {
  const file = locate();
  const unsupported = isPrebuilt(file) ? undefined : unsupportedRuntime(process.versions, file);
  if (unsupported !== undefined) throw unsupported;
  let loaded: NativeModule;
  try {
    // What native-types.ts declares is what native/binding exports.
    loaded = load(file) as NativeModule;
  } catch (error) {
    throw loadFailure(error, places);
  }
  if (loaded.carriesOpenSsl && loaded.headersVersion !== loaded.opensslVersion) {
    throw foreignOpenSsl(loaded.headersVersion, loaded.opensslVersion);
  }
  if (loaded.builtFor !== loaded.running) throw wrongOpenSsl(loaded.builtFor, loaded.opensslVersion);
  return loaded;
}

/** The addon. */
export const native: NativeModule = loadNative();
