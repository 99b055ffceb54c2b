import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { ScratchFiles } from '../support/openssl';

const root = path.resolve(__dirname, '../..');
const reader = pathToFileURL(path.join(root, 'scripts/support/sanitizer-reports.mjs')).href;

const MALLOC = 'malloc ../../../../src/libsanitizer/asan/asan_malloc_linux.cpp:69';
const REMEMBERED = 'v8::internal::Heap_CombinedGenerationalAndSharedBarrierSlow(v8::internal::HeapObject) (/usr/bin/node+0x1)';
const NODE_WRAP = 'napi_wrap (/usr/bin/node+0x2)';
const OPENSSL = 'SSL_new (/usr/bin/node+0x3)';
const OWN = `qdtls::Connection::Connection() ${path.join(root, 'native/core/connection.cc')}:40`;
const OWN_UNNAMED = '(build/Release/qdtls.node+0x4)';
const CALLED_BY_V8 = 'v8::internal::Builtin_HandleApiCall(int) (/usr/bin/node+0x5)';

const leak = (frames: string[]): string =>
  [
    'Indirect leak of 128 byte(s) in 1 object(s) allocated from:',
    ...frames.map((frame, index) => `    #${index} 0x7f00 in ${frame}`),
    '',
    '',
  ].join('\n');
const leaks = (...records: string[][]): string =>
  `==1==ERROR: LeakSanitizer: detected memory leaks\n\n${records.map(leak).join('')}` +
  'SUMMARY: AddressSanitizer: 128 byte(s) leaked in 1 allocation(s).\n';

const files = new ScratchFiles();

afterAll(() => files.remove());

function read(report: string): unknown {
  files.write('report.1', report);
  const code = `import { readReports } from ${JSON.stringify(reader)};
    console.log(JSON.stringify(readReports(${JSON.stringify(files.folder)})));`;
  const { stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', code], { encoding: 'utf8' });
  expect(stderr).toBe('');
  return JSON.parse(stdout);
}

describe('the reports of sanitizers', () => {
  it.each([
    ['we have allocated', [MALLOC, OWN, CALLED_BY_V8]],
    ['OpenSSL has allocated for us', [MALLOC, OPENSSL, OWN, CALLED_BY_V8]],
    ['Node-API has allocated for us', [MALLOC, NODE_WRAP, OWN, CALLED_BY_V8]],
    ['a build without symbols has allocated', [MALLOC, OWN_UNNAMED, CALLED_BY_V8]],
  ])('count a leak of what %s', (_, frames) => {
    expect(read(leaks([MALLOC, CALLED_BY_V8], frames))).toEqual([leak(frames).trimEnd()]);
  });

  it.each([
    ['V8 has allocated for itself while we called it', [MALLOC, REMEMBERED, NODE_WRAP, OWN, CALLED_BY_V8]],
    ['Node has allocated for itself', [MALLOC, 'node::Start(int, char**) (/usr/bin/node+0x6)']],
  ])('do not count what %s', (_, frames) => {
    expect(read(leaks(frames))).toEqual([]);
  });

  it('count every error, wherever it was', () => {
    const error = '==1==ERROR: AddressSanitizer: heap-use-after-free\n    #0 0x7f00 in v8::internal::Scavenge()\n';
    expect(read(error)).toEqual([error]);
  });
});
