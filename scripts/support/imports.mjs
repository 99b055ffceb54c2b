// Finds the imports of a TypeScript or JavaScript file and the includes of a C++ file.

import ts from 'typescript';

/**
 * @typedef {object} Import
 * @property {string} specifier as written: `./qssl`, `node:events`, `"bytes.h"`, `<vector>`
 * @property {number} line from 1
 * @property {boolean} typeOnly whether nothing of it exists at run time
 */

/**
 * @param {ts.ImportDeclaration} node
 * @returns {boolean}
 */
function isTypeOnlyImport({ importClause: clause }) {
  if (clause === undefined) return false;
  if (clause.isTypeOnly) return true;
  const bindings = clause.namedBindings;
  if (clause.name !== undefined || bindings === undefined || !ts.isNamedImports(bindings)) return false;
  return bindings.elements.length > 0 && bindings.elements.every((element) => element.isTypeOnly);
}

/**
 * The module named by a node, when the node is any kind of import.
 *
 * @param {ts.Node} node
 * @returns {{ specifier: ts.Node | undefined, typeOnly: boolean } | undefined}
 */
function importOf(node) {
  if (ts.isImportDeclaration(node)) return { specifier: node.moduleSpecifier, typeOnly: isTypeOnlyImport(node) };
  if (ts.isExportDeclaration(node)) return { specifier: node.moduleSpecifier, typeOnly: node.isTypeOnly };
  if (ts.isExternalModuleReference(node)) return { specifier: node.expression, typeOnly: false };
  if (ts.isImportTypeNode(node)) {
    return { specifier: ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, typeOnly: true };
  }
  if (!ts.isCallExpression(node)) return undefined;
  const { expression } = node;
  const loads =
    expression.kind === ts.SyntaxKind.ImportKeyword ||
    (ts.isIdentifier(expression) && expression.text === 'require') ||
    (ts.isPropertyAccessExpression(expression) && expression.getText() === 'require.resolve');
  return loads ? { specifier: node.arguments[0], typeOnly: false } : undefined;
}

/**
 * Static, dynamic and type imports, re-exports and require calls whose module is named by a literal.
 *
 * @param {string} fileName
 * @param {string} text
 * @returns {Import[]}
 */
export function scriptImports(fileName, text) {
  const source = ts.createSourceFile(fileName, text, ts.ScriptTarget.Latest, true);
  /** @type {Import[]} */
  const imports = [];
  /** @param {ts.Node} node */
  const visit = (node) => {
    const found = importOf(node);
    if (found?.specifier !== undefined && ts.isStringLiteralLike(found.specifier)) {
      const line = source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1;
      imports.push({ specifier: found.specifier.text, line, typeOnly: found.typeOnly });
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return imports;
}

/**
 * The includes of a C++ file, delimiters kept.
 *
 * @param {string} text
 * @returns {Import[]}
 */
export function cppIncludes(text) {
  return text.split('\n').flatMap((content, index) => {
    const specifier = /^\s*#\s*include\s*(<[^>]+>|"[^"]+")/.exec(content)?.[1];
    return specifier === undefined ? [] : [{ specifier, line: index + 1, typeOnly: false }];
  });
}
