// The import table of docs/architecture.md as data. Imports go downwards only:
// application -> lib/endpoint -> lib -> lib/internal -> native/binding -> native/core -> OpenSSL.

/**
 * What a file of one layer may import. Project files are matched by their path from the root, everything else
 * by the specifier as written.
 *
 * @typedef {object} Layer
 * @property {string} name
 * @property {RegExp} files which files belong to the layer; the first layer that matches counts
 * @property {readonly RegExp[]} project project files that may be imported
 * @property {readonly RegExp[]} external packages, builtins and system headers that may be imported
 * @property {readonly RegExp[]} [typesOnly] what may be imported for its types only
 * @property {string} rule the rule in words, for the report
 */

const NODE_BUILTIN = /^node:/;
const STANDARD_HEADER = /^<(?!iostream|fstream|thread|future|condition_variable)[a-z_]+>$/;
const OPENSSL_HEADER = /^<openssl\/.+>$/;
const SYSTEM_HEADER = /^<(?!napi|node|uv|v8|js_native_api).+>$/;

// Of OpenSSL's own code the binding may see the version it was built for and the one it runs on, nothing else.
const VERSION_HEADER = /^<openssl\/(opensslv|crypto)\.h>$/;

/** @type {readonly Layer[]} */
export const layers = [
  {
    name: 'native/core',
    files: /^native\/core\//,
    project: [/^native\/core\//],
    // sys/time.h: DTLSv1_get_timeout() fills a struct timeval.
    external: [OPENSSL_HEADER, STANDARD_HEADER, /^<sys\/time\.h>$/],
    rule: 'may use OpenSSL and the C++ standard library; no napi.h, sockets, threads or logging',
  },
  {
    name: 'native/binding',
    files: /^native\/binding\//,
    project: [/^native\/(core|binding)\//],
    external: [/^<napi\.h>$/, VERSION_HEADER, STANDARD_HEADER],
    rule: 'may use native/core and napi.h; of OpenSSL only opensslv.h and crypto.h, for the version check',
  },
  {
    name: 'native/bench',
    files: /^native\/bench\//,
    project: [/^native\/bench\//, /^native\/core\/(openssl_ptr|result)\.h$/],
    external: [/^<napi\.h>$/, SYSTEM_HEADER],
    rule: 'may use OpenSSL, napi.h, and of native/core openssl_ptr.h and result.h: a yardstick is not made of what it measures',
  },
  {
    name: 'native/tests, native/fuzz',
    files: /^native\/(tests|fuzz)\//,
    project: [/^native\/(core|tests|fuzz)\//],
    external: [SYSTEM_HEADER],
    rule: 'may use native/core and OpenSSL; nothing of Node',
  },
  {
    name: 'lib/internal',
    files: /^lib\/internal\//,
    project: [/^lib\/internal\//],
    external: [NODE_BUILTIN, /^node-gyp-build$/],
    rule: 'may use Node builtins and node-gyp-build; no facade classes',
  },
  {
    name: 'lib/endpoint',
    files: /^lib\/endpoint\//,
    project: [/^lib\/endpoint\//, /^lib\/[^/]+\.ts$/],
    external: [NODE_BUILTIN],
    rule: 'may use the facade and Node builtins; nothing below the facade',
  },
  {
    name: 'lib/cli',
    files: /^lib\/cli\//,
    project: [/^lib\/(cli|endpoint)\//, /^lib\/[^/]+\.ts$/],
    external: [NODE_BUILTIN],
    rule: 'may use lib/endpoint, the facade and Node builtins; nothing below the facade',
  },
  {
    name: 'lib',
    files: /^lib\//,
    project: [/^lib\/[^/]+\.ts$/, /^lib\/internal\//],
    external: [/^node:(crypto|events)$/],
    typesOnly: [NODE_BUILTIN],
    rule: 'may use lib/internal, node:crypto and node:events; other builtins for their types only',
  },
  {
    name: 'test',
    files: /^test\//,
    project: [/^test\//, /^lib\//],
    external: [NODE_BUILTIN, /^[^.]/],
    rule: 'may use the package and what is installed; not scripts or built files',
  },
  {
    name: 'scripts',
    files: /^scripts\//,
    project: [/^scripts\//],
    external: [NODE_BUILTIN, /^[^.]/],
    rule: 'may use other scripts and the package by name; not lib, test or built files',
  },
];
