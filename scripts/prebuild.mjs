// `npm run prebuild`: the addon for people without a compiler, with an OpenSSL of its own (native/openssl.json), as
// prebuilds/<platform>-<arch>/qdtls.<libc>.node, checked. docs/building.md says what it needs on which system.
//
//   --arch arm64     for another architecture, on Linux
//   --optimize s     smaller and slower: -Os for OpenSSL
//   --release        refuses the version that stands in where the release's archive cannot be had

import { statSync } from 'node:fs';
import { ensureDependencies, ensureTypeScript } from './bootstrap.mjs';
import { checkPrebuild } from './prebuild/check.mjs';
import { buildAddon } from './prebuild/addon.mjs';
import { buildOpenSsl, OPTIMIZATIONS } from './prebuild/openssl-build.mjs';
import { archiveOf, releasePin, trialPin } from './prebuild/openssl-source.mjs';
import { readArguments, targetFor } from './prebuild/target.mjs';
import { toolchainFor } from './prebuild/toolchain.mjs';
import { elapsed, isMain, reportFailure, root, StepError, tail } from './support/run.mjs';

const MEGABYTE = 1_000_000;

/**
 * The version that can be built here.
 *
 * @param {boolean} isRelease
 */
async function choosePin(isRelease) {
  try {
    await archiveOf(releasePin);
    return releasePin;
  } catch (error) {
    if (isRelease || !(error instanceof StepError)) throw error;
    console.log(tail(error.output));
    console.log(
      `OpenSSL ${releasePin.version} cannot be had here. ${trialPin.version} takes its place: this prebuild is for trials on ` +
        'this machine, and must not be published.',
    );
    return trialPin;
  }
}

/**
 * Runs a part and prints its name and time.
 *
 * @template Result
 * @param {string} name
 * @param {() => Promise<Result>} action
 */
async function timed(name, action) {
  const start = performance.now();
  const result = await action();
  console.log(`${name} (${elapsed(start)})`);
  return result;
}

async function prebuild() {
  const { arch, optimize, release } = readArguments({
    arch: { type: 'string', default: process.arch },
    optimize: { type: 'string', default: OPTIMIZATIONS[0] },
    release: { type: 'boolean', default: false },
  });
  const optimization = OPTIMIZATIONS.find((name) => name === optimize);
  if (optimization === undefined) throw new StepError(`--optimize takes ${OPTIMIZATIONS.join(' or ')}, not ${optimize}.`);
  const start = performance.now();
  const target = targetFor(arch);
  await ensureDependencies();
  await ensureTypeScript();
  const pin = await choosePin(release);
  const toolchain = await timed('Compiler and system libraries', () => toolchainFor(target));
  const openssl = await timed(`OpenSSL ${pin.version}, -O${optimization}`, () =>
    buildOpenSsl(pin, target, { toolchain, optimization }),
  );
  await timed('Addon', () => buildAddon(target, { openssl: openssl.folder, toolchain }));
  const bytes = statSync(target.file).size;
  console.log(`${target.file.slice(root.length + 1)}: ${(bytes / MEGABYTE).toFixed(2)} MB, OpenSSL ${pin.version}, took ${elapsed(start)}`);
  await checkPrebuild(target, { version: pin.version });
}

if (isMain(import.meta.url)) {
  try {
    await prebuild();
  } catch (error) {
    reportFailure(error);
    process.exitCode = 1;
  }
}
