// Fails when an import or include crosses the layers of docs/architecture.md. The rules are data in
// support/layer-rules.mjs. Usage: node scripts/check-layers.mjs [root of the tree to check]

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { listFiles } from './support/files.mjs';
import { cppIncludes, scriptImports } from './support/imports.mjs';
import { layers } from './support/layer-rules.mjs';
import { root as projectRoot } from './support/run.mjs';

const SCRIPT_EXTENSIONS = ['.ts', '.mts', '.cts', '.mjs', '.cjs', '.js'];
const CPP_EXTENSIONS = ['.cc', '.h'];

const root = path.resolve(process.argv[2] ?? projectRoot);

/**
 * The path from the root of the project file that a specifier names, or undefined when it names something else:
 * a package, a builtin, a system header.
 *
 * @param {string} file the importing file, from the root
 * @param {string} specifier
 */
function projectTarget(file, specifier) {
  const folder = path.posix.dirname(file);
  if (specifier.startsWith('"')) {
    const name = specifier.slice(1, -1);
    const beside = path.posix.join(folder, name);
    return existsSync(path.join(root, beside)) ? beside : path.posix.join('native', name);
  }
  if (!specifier.startsWith('.')) return undefined;
  const target = path.posix.join(folder, specifier);
  const candidates = [`${target}.ts`, target.replace(/\.([mc]?)js$/, '.$1ts'), path.posix.join(target, 'index.ts')];
  const source = candidates.find((name) => /\.[mc]?ts$/.test(name) && existsSync(path.join(root, name)));
  return source ?? (path.posix.extname(target) === '' ? `${target}.ts` : target);
}

/**
 * @param {import('./support/layer-rules.mjs').Layer} layer
 * @param {string} file
 * @param {import('./support/imports.mjs').Import} imported
 */
function isAllowed(layer, file, { specifier, typeOnly }) {
  const target = projectTarget(file, specifier);
  if (target !== undefined) return layer.project.some((pattern) => pattern.test(target));
  const patterns = typeOnly ? [...layer.external, ...(layer.typesOnly ?? [])] : layer.external;
  return patterns.some((pattern) => pattern.test(specifier));
}

/**
 * The violations of one file, each as a line of the report.
 *
 * @param {string} file from the root, with forward slashes
 * @returns {string[]}
 */
function violationsOf(file) {
  const layer = layers.find(({ files }) => files.test(file));
  if (layer === undefined) return [];
  const text = readFileSync(path.join(root, file), 'utf8');
  const imports = CPP_EXTENSIONS.includes(path.extname(file)) ? cppIncludes(text) : scriptImports(file, text);
  return imports
    .filter((imported) => !isAllowed(layer, file, imported))
    .map(({ specifier, line }) => `${file}:${line}: ${specifier}\n    ${layer.name} ${layer.rule}`);
}

const files = ['native', 'lib', 'test', 'scripts']
  .flatMap((folder) => listFiles(folder, [...SCRIPT_EXTENSIONS, ...CPP_EXTENSIONS], root))
  .map((file) => file.split(path.sep).join('/'));
const violations = files.flatMap(violationsOf);

for (const violation of violations) console.error(violation);
if (violations.length > 0) {
  console.error(`\n${violations.length} forbidden ${violations.length === 1 ? 'import' : 'imports'}`);
  process.exitCode = 1;
} else {
  console.log(`${files.length} files keep to their layers`);
}
