/** One line that builds the addon where the package is installed; npm brings node-gyp along. */
const REBUILD =
  'To build it from source, against the OpenSSL inside Node.js, run "npm explore qdtls -- node-gyp rebuild" ' +
  '(needs a C++17 compiler, make and python3)';

function nativeError(message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, cause === undefined ? {} : { cause }), { code: 'ERR_QDTLS_NATIVE' });
}

/** An Error when this process has another TLS library than Node's OpenSSL inside; undefined when it is Node. */
export function unsupportedRuntime(versions: Readonly<Record<string, string | undefined>>, file: string): Error | undefined {
  for (const [key, name] of [
    ['electron', 'Electron'],
    ['bun', 'Bun'],
    ['deno', 'Deno'],
  ] as const) {
    if (versions[key] === undefined) continue;
    return nativeError(
      `qdtls found an addon that was built for the OpenSSL inside Node.js (${file}), and ${name} ${versions[key]} carries ` +
        'another TLS library. Remove that file, so that the prebuilt addon is loaded, or run it with Node.js 20 or newer.',
    );
  }
  return undefined;
}

/** The Error for an addon whose headers were those of another major version of OpenSSL. */
export function wrongOpenSsl(builtFor: number, running: string): Error {
  return nativeError(
    `qdtls was built for OpenSSL ${builtFor}, and this process runs ${running}. ` +
      `It must be built with the Node.js that will run it. ${REBUILD}.`,
  );
}

/** The Error for an addon that carries its own OpenSSL, and whose calls went to that of the process all the same. */
export function foreignOpenSsl(carried: string, running: string): Error {
  return nativeError(
    `qdtls carries ${carried}, and its calls arrive at ${running}: this process puts its own library in the place of ours. ` +
      `${REBUILD}.`,
  );
}

/** The Error for an addon that cannot be loaded at all, with the places where it was looked for. */
export function loadFailure(cause: unknown, tried: readonly string[]): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return nativeError(
    `qdtls could not load its native addon for ${process.platform}-${process.arch}, Node.js ${process.versions.node}. ` +
      `Tried: ${tried.join(', ')}. ${REBUILD}. The loader said: ${reason}`,
    cause,
  );
}
