// The addon around a static OpenSSL, by prebuildify, in a folder of its own: the checkout's build stays as it is.

import { cpSync, mkdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { localNodePrefix } from '../support/node-headers.mjs';
import { root, runTool, StepError } from '../support/run.mjs';

const INPUTS = ['binding.gyp', 'package.json', 'native/core', 'native/binding', 'native/sources.json', 'native/exports.map'];

/**
 * Makes the file of a target.
 *
 * @param {import('./target.mjs').Target} target
 * @param {{ openssl: string, toolchain: import('./toolchain.mjs').Toolchain, out?: string }} how the folder of OpenSSL,
 *   the compiler, and the folder that gets prebuilds/
 */
export async function buildAddon(target, { openssl, toolchain, out = root }) {
  // Inside the project, where node-addon-api is found.
  const stage = path.join(root, 'build-prebuild', target.name);
  rmSync(stage, { recursive: true, force: true });
  mkdirSync(stage, { recursive: true });
  for (const name of INPUTS) cpSync(path.join(root, name), path.join(stage, name), { recursive: true });
  const args = ['--napi', '--strip', '-t', process.versions.node, '--arch', target.arch, '--cwd', stage, '--out', out];
  if (target.platform === 'linux') args.push('--tag-libc', target.libc);
  const prefix = localNodePrefix();
  const env = {
    ...process.env,
    ...toolchain.environment,
    GYP_DEFINES: `openssl=static openssl_root=${openssl.replaceAll('\\', '/')}`,
    PREBUILD_STRIP_BIN: `${toolchain.prefix}strip`,
    ...(prefix === undefined ? {} : { npm_config_nodedir: prefix }),
  };
  const { status, output } = await runTool('prebuildify/bin.js', args, { capture: true, cwd: stage, env });
  if (status !== 0) throw new StepError(`The addon for ${target.name} could not be built.`, { output });
}
