import { join } from 'node:path';
import ts from 'typescript';

const entry = join(__dirname, '../../lib/endpoint/index.ts');
const program = ts.createProgram([entry], { strict: true, target: ts.ScriptTarget.ES2022, skipLibCheck: true });
const checker = program.getTypeChecker();

function exported(name: string): ts.Type {
  const source = program.getSourceFile(entry);
  const file = source && checker.getSymbolAtLocation(source);
  const symbol = file && checker.getExportsOfModule(file).find((candidate) => candidate.name === name);
  if (symbol === undefined) throw new Error(`lib/endpoint does not export ${name}`);
  const aliased = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
  return checker.getDeclaredTypeOfSymbol(aliased);
}

/** The properties of an interface that lib/endpoint exports, inherited ones included; of a union, those of all its parts. */
export function propertiesOf(name: string): string[] {
  const type = exported(name);
  const parts = type.isUnion() ? type.types : [type];
  return [...new Set(parts.flatMap((part) => checker.getPropertiesOfType(part).map((property) => property.name)))];
}
