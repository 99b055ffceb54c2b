const REBUILD = 'run "npm explore qdtls -- npm run build:native" (needs a C++17 compiler, make and python3)';

function nativeError(message: string, cause?: unknown): Error {
  return Object.assign(new Error(message, cause === undefined ? {} : { cause }), { code: 'ERR_QDTLS_NATIVE' });
}

/** An Error when this process has another TLS library than Node's OpenSSL inside; undefined when it is Node. */
export function unsupportedRuntime(versions: Readonly<Record<string, string | undefined>>): Error | undefined {
  for (const [key, name] of [
    ['electron', 'Electron'],
    ['bun', 'Bun'],
    ['deno', 'Deno'],
  ] as const) {
    if (versions[key] === undefined) continue;
    return nativeError(
      `qdtls was built for the OpenSSL inside Node.js, and ${name} ${versions[key]} carries another TLS library. ` +
        'Run it with Node.js 20 or newer.',
    );
  }
  return undefined;
}

/** The Error for an addon whose headers were those of another major version of OpenSSL. */
export function wrongOpenSsl(builtFor: number, running: string): Error {
  return nativeError(
    `qdtls was built for OpenSSL ${builtFor}, and this process runs ${running}. ` +
      `Rebuild it with the Node.js that will run it: ${REBUILD}.`,
  );
}

/** The Error for an addon that cannot be loaded at all. */
export function loadFailure(cause: unknown, packageRoot: string): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return nativeError(
    `qdtls could not load its native addon for ${process.platform}-${process.arch}, Node.js ${process.versions.node}, ` +
      `from ${packageRoot}. To build it from source ${REBUILD}. The loader said: ${reason}`,
    cause,
  );
}
