// Writes the ES module entry points beside the CommonJS build: for every `import` condition in package.json's
// exports map, a wrapper that re-exports the CommonJS module's names, so that both kinds of importer share one
// copy of each class, and the matching type declarations.

import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root } from './support/run.mjs';

/**
 * Names of a TypeScript module's exports that exist at run time.
 *
 * @param {string} file
 * @returns {string[]}
 */
function valueExports(file) {
  const config = ts.readConfigFile(path.join(root, 'tsconfig.json'), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const program = ts.createProgram([file], options);
  const source = program.getSourceFile(file);
  const checker = program.getTypeChecker();
  const module = source && checker.getSymbolAtLocation(source);
  if (!module) throw new Error(`${file} is not a module`);
  return checker
    .getExportsOfModule(module)
    .filter((symbol) => {
      if (symbol.declarations?.some(ts.isTypeOnlyExportDeclaration) === true) return false;
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      return (target.flags & ts.SymbolFlags.Value) !== 0;
    })
    .map((symbol) => symbol.name)
    .sort();
}

const { exports: entries } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
for (const { import: esm } of Object.values(entries)) {
  if (esm === undefined) continue;
  const module = path.join(root, esm.default);
  const stem = path.basename(module, '.mjs');
  const source = path.join(root, 'lib', path.relative('dist', esm.default).replace(/\.mjs$/, '.ts'));
  const names = valueExports(source);
  const lines = names.map((name) => `export const ${name} = cjs.${name};`);
  writeFileSync(module, [`import cjs from './${stem}.js';`, '', ...lines, ''].join('\n'));
  writeFileSync(path.join(root, esm.types), `export * from './${stem}.js';\n`);
}
