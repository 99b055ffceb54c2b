import { mkdirSync, symlinkSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';
import { root, type CodeBlock } from './code-blocks';
import { ScratchFiles } from './openssl';

const options: ts.CompilerOptions = {
  strict: true,
  noImplicitAny: false, // what parameters of functions in JavaScript are
  allowJs: true,
  checkJs: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.Node16,
  moduleResolution: ts.ModuleResolutionKind.Node16,
  typeRoots: [path.join(root, 'node_modules/@types')],
  types: ['node'],
};

function describeProblem({ file, start = 0, messageText }: ts.Diagnostic): string {
  const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1;
  return `${file?.fileName.replace(/^.*\/page-/, '') ?? ''}:${line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
}

/** What the compiler says of programs, as their readers would compile them: against the built package. */
export function problemsOf(blocks: readonly CodeBlock[]): string[] {
  const files = new ScratchFiles();
  try {
    mkdirSync(files.path('node_modules'));
    symlinkSync(root, files.path('node_modules/qdtls'));
    const names = blocks.map(({ page, name, text }) => {
      const folder = `page-${path.basename(page, '.md')}`;
      mkdirSync(files.path(folder), { recursive: true });
      return files.write(path.join(folder, name), text);
    });
    return ts.getPreEmitDiagnostics(ts.createProgram(names, options)).map(describeProblem);
  } finally {
    files.remove();
  }
}
