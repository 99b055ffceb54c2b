// Where the headers of the running Node are. Node builtins only.

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

/**
 * The installation prefix of the running Node when it carries its own headers, otherwise undefined. Passing it
 * as `--nodedir` spares node-gyp a download. The version is compared because a distribution may keep the
 * headers of another Node under the same prefix.
 */
export function localNodePrefix() {
  const prefix = path.resolve(process.execPath, '..', '..');
  const header = path.join(prefix, 'include', 'node', 'node_version.h');
  if (!existsSync(header)) return undefined;
  const text = readFileSync(header, 'utf8');
  const part = (/** @type {string} */ name) => new RegExp(`#define NODE_${name}_VERSION (\\d+)`).exec(text)?.[1];
  const version = `v${part('MAJOR')}.${part('MINOR')}.${part('PATCH')}`;
  return version === process.version ? prefix : undefined;
}

/** Arguments for node-gyp that select the local headers when there are any. */
export function nodedirArguments() {
  const prefix = localNodePrefix();
  return prefix === undefined ? [] : [`--nodedir=${prefix}`];
}
