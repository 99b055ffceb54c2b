import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

const script = path.resolve(__dirname, '../../scripts/check-layers.mjs');

const sound: [file: string, text: string][] = [
  ['native/core/bytes.h', '#pragma once\n#include <vector>'],
  ['native/core/bytes.cc', '#include <openssl/ssl.h>\n#include "bytes.h"'],
  ['native/binding/addon.cc', '#include <napi.h>\n#include "core/bytes.h"\n#include <openssl/opensslv.h>'],
  ['native/tests/bytes_test.cc', '#include <cstdio>\n#include "core/bytes.h"'],
  ['lib/internal/native.ts', "import load from 'node-gyp-build';"],
  ['lib/qdtls.ts', "import type { Socket } from 'node:dgram';\nexport * from './internal/native';"],
  ['lib/qssl.ts', "import { type Socket } from 'node:dgram';\n// import { createSocket } from 'node:dgram';"],
  ['lib/endpoint/listen.ts', "import { createSocket } from 'node:dgram';\nexport * from '../qdtls';"],
  ['lib/cli/main.ts', "import { listen } from '../endpoint/listen';\nimport '../qdtls';"],
  ['test/unit/qdtls.test.ts', "import { QDtls } from '../../lib/qdtls';\nimport bindings from 'bindings';"],
  ['scripts/bench.mjs', "import { QDtls } from 'qdtls';"],
];

const forbidden: [name: string, file: string, line: string][] = [
  ['the core includes napi.h', 'native/core/napi.cc', '#include <napi.h>'],
  ['the core includes a binding header', 'native/core/up.cc', '#include "binding/addon.h"'],
  ['the core includes sockets', 'native/core/socket.cc', '#include <sys/socket.h>'],
  ['the core starts threads', 'native/core/thread.cc', '#include <thread>'],
  ['the binding includes OpenSSL beyond the version', 'native/binding/ssl.cc', '#include <openssl/ssl.h>'],
  ['a native test includes Node', 'native/tests/node_test.cc', '#include <node_api.h>'],
  ['internals import a facade class', 'lib/internal/up.ts', "import { QDtls } from '../qdtls';"],
  ['internals import a facade type', 'lib/internal/type.ts', "import type { QDtls } from '../qdtls';"],
  ['internals import a package', 'lib/internal/package.ts', "import bindings from 'bindings';"],
  ['the facade imports dgram values', 'lib/dgram.ts', "import { createSocket } from 'node:dgram';"],
  ['the facade requires dgram', 'lib/require.ts', "const dgram = require('node:dgram');"],
  ['the facade imports a builtin without node:', 'lib/bare.ts', "import { createHash } from 'crypto';"],
  ['the facade re-exports the command', 'lib/up.ts', "export * from './cli/main';"],
  ['the endpoint imports internals', 'lib/endpoint/down.ts', "import { a } from '../internal/native';"],
  ['the command loads internals when it runs', 'lib/cli/late.ts', "void import('../internal/native');"],
  ['a test imports a built file', 'test/unit/dist.test.ts', "import { QDtls } from '../../dist';"],
  ['a script imports the sources', 'scripts/lib.mjs', "import { QDtls } from '../lib/index.js';"],
];

function checkLayers(...args: string[]): { status: number | null; output: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args], { encoding: 'utf8' });
  return { status, output: stdout + stderr };
}

/** Checks a temporary tree that holds the given files. */
function checkTree(files: readonly (readonly [file: string, text: string])[]): ReturnType<typeof checkLayers> {
  const tree = mkdtempSync(path.join(tmpdir(), 'qdtls-layers-'));
  try {
    for (const [name, text] of files) {
      const file = path.join(tree, name);
      mkdirSync(path.dirname(file), { recursive: true });
      writeFileSync(file, `${text}\n`);
    }
    return checkLayers(tree);
  } finally {
    rmSync(tree, { recursive: true, force: true });
  }
}

describe('scripts/check-layers.mjs', () => {
  it('passes on this repository', () => {
    const { status, output } = checkLayers();
    expect(output).toMatch(/^\d+ files keep to their layers$/m);
    expect(status).toBe(0);
  });

  it('passes on a tree whose imports all go downwards', () => {
    expect(checkTree(sound)).toEqual({ status: 0, output: `${sound.length} files keep to their layers\n` });
  });

  describe('on a tree with forbidden imports', () => {
    let result: ReturnType<typeof checkLayers>;

    beforeAll(() => {
      result = checkTree([...sound, ...forbidden.map(([, file, line]) => [file, `\n${line}`] as const)]);
    });

    it('fails and counts them', () => {
      expect(result.status).toBe(1);
      expect(result.output).toContain(`\n${forbidden.length} forbidden imports\n`);
    });

    it.each(forbidden)('reports that %s', (_name, file) => {
      expect(result.output).toContain(`${file}:2: `);
    });
  });

  it('names the file, the line, the import and the rule', () => {
    const { output } = checkTree([['lib/a.ts', "\nimport { createSocket } from 'node:dgram';"]]);
    expect(output).toBe(
      'lib/a.ts:2: node:dgram\n' +
        '    lib may use lib/internal, node:crypto and node:events; other builtins for their types only\n' +
        '\n1 forbidden import\n',
    );
  });
});
