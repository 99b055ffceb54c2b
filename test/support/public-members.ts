import { join } from 'node:path';
import ts from 'typescript';

const root = join(__dirname, '../..');
const entries = { facade: join(root, 'lib/index.ts'), endpoint: join(root, 'lib/endpoint/index.ts') };
const options = { strict: true, target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.Node16, skipLibCheck: true };
const program = ts.createProgram(Object.values(entries), options);
const checker = program.getTypeChecker();

export type Entry = keyof typeof entries;

/** What users see of one thing: its name, what its comment says, and what its code does. */
export interface PublicMember {
  /** `QDtls.doHandshake`, `ListenOptions.port`. */
  readonly name: string;
  /** All of its comment; '' if there is none. */
  readonly comment: string;
  /** What the comment of its interface says, for an option, a counter, an event; otherwise ''. */
  readonly context: string;
  /** Whether numbers go in or come out. */
  readonly hasNumbers: boolean;
  /** Whether it throws by itself, or refuses some of its arguments. */
  readonly throws: boolean;
  /** The values of QDtlsError that its class sets for it. */
  readonly sets: readonly string[];
}

function isOurs(node: ts.Node): boolean {
  return node.getSourceFile().fileName.startsWith(join(root, 'lib'));
}

/** `slot.fail(QDtlsError.X, …)`: X. */
function errorSetBy(call: ts.CallExpression): string | undefined {
  const [first] = call.arguments;
  const isFail = ts.isPropertyAccessExpression(call.expression) && call.expression.name.text === 'fail';
  if (!isFail || first === undefined || !ts.isPropertyAccessExpression(first)) return undefined;
  return first.expression.getText() === 'QDtlsError' ? first.name.text : undefined;
}

/** What a call runs, if it is ours. */
function calleeOf(call: ts.CallExpression): ts.Node | undefined {
  const declaration = checker.getResolvedSignature(call)?.declaration;
  return declaration !== undefined && isOurs(declaration) ? declaration : undefined;
}

/** Everything in a piece of code that runs with it. What is caught there is not thrown. */
function* insideOf(node: ts.Node): Generator<ts.Node> {
  const children: ts.Node[] = [];
  ts.forEachChild(node, (child) => void children.push(child));
  for (const child of children) {
    if (ts.isTryStatement(child) && child.catchClause !== undefined) continue;
    yield child;
    yield* insideOf(child);
  }
}

const throwing = new Map<ts.Node, boolean>();

/** Whether a function may throw, or one that it calls. */
function mayThrow(declaration: ts.Node): boolean {
  const known = throwing.get(declaration);
  if (known !== undefined) return known;
  throwing.set(declaration, false); // ends recursion
  const inside = [...insideOf(declaration)];
  const callees = inside.filter(ts.isCallExpression).map(calleeOf).filter((callee) => callee !== undefined);
  const result = inside.some(ts.isThrowStatement) || callees.some((callee) => ts.isFunctionDeclaration(callee) && mayThrow(callee));
  throwing.set(declaration, result);
  return result;
}

/** Whether a member refuses some of its arguments, or throws by itself. Our own mistakes, which no argument causes, are not asked for. */
function refuses(declaration: ts.Node): boolean {
  const inside = [...insideOf(declaration)];
  if (inside.some(ts.isThrowStatement)) return true;
  const parameters = inside.filter(ts.isParameter).map((parameter) => parameter.name.getText());
  return inside.filter(ts.isCallExpression).some((call) => {
    const callee = calleeOf(call);
    if (callee === undefined || !ts.isFunctionDeclaration(callee)) return false;
    const words = call.arguments.flatMap((argument) => argument.getText().match(/\w+/g) ?? []);
    return parameters.some((name) => words.includes(name)) && mayThrow(callee);
  });
}

/** The values of QDtlsError that a method sets, or that other methods of its class set for it. */
function errorsOf(declaration: ts.Node, seen = new Set<ts.Node>()): string[] {
  if (seen.has(declaration)) return [];
  seen.add(declaration);
  return [...insideOf(declaration)].filter(ts.isCallExpression).flatMap((call) => {
    const error = errorSetBy(call);
    const callee = calleeOf(call);
    const further = callee?.parent === declaration.parent && ts.isMethodDeclaration(callee) ? errorsOf(callee, seen) : [];
    return error === undefined ? further : [error, ...further];
  });
}

function commentOn(declaration: ts.Declaration): string {
  const comments = ts.getJSDocCommentsAndTags(declaration).filter(ts.isJSDoc);
  return comments.map((comment) => comment.getText().replace(/^[\s/*]+|[\s/*]+$/gm, ' ')).join('\n').trim();
}

/** The comments before a declaration, or before the variable or getter that it belongs to. */
function commentOf(symbol: ts.Symbol): string {
  const declarations = symbol.declarations ?? [];
  return declarations.map(commentOn).join('\n').trim();
}

function isHidden(symbol: ts.Symbol): boolean {
  const [declaration] = symbol.declarations ?? [];
  if (declaration === undefined || !isOurs(declaration)) return true;
  const name = ts.getNameOfDeclaration(declaration);
  const isPrivate = name !== undefined && ts.isPrivateIdentifier(name);
  return isPrivate || isAlias(declaration) || commentOf(symbol).includes('@internal');
}

/** `static readonly HandshakeComplete = HandshakeState.HandshakeComplete`: Qt's second name of what is documented elsewhere. */
function isAlias(declaration: ts.Declaration): boolean {
  if (!ts.isPropertyDeclaration(declaration) || declaration.initializer === undefined) return false;
  const { initializer } = declaration;
  return ts.isIdentifier(initializer) ? /^[A-Z]\w*[a-z]/.test(initializer.text) : ts.isPropertyAccessExpression(initializer);
}

/** What the interface says in which a property is declared. */
function interfaceComment(property: ts.Symbol): string {
  const parents = (property.declarations ?? []).map(({ parent }) => parent).filter(ts.isInterfaceDeclaration);
  return parents.map((parent) => commentOn(parent)).join('\n');
}

function isNumeric(type: ts.Type): boolean {
  const parts = type.isUnion() ? type.types : [type];
  return parts.some((part) => (part.flags & (ts.TypeFlags.Number | ts.TypeFlags.BigInt)) !== 0);
}

/** Whether a number that is not a member of an enum goes in or comes out. */
function hasNumbers(symbol: ts.Symbol): boolean {
  const declaration = symbol.valueDeclaration ?? symbol.declarations?.[0];
  if (declaration === undefined) return false;
  const type = checker.getTypeOfSymbolAtLocation(symbol, declaration);
  const signatures = type.getCallSignatures();
  if (signatures.length === 0) return isNumeric(type);
  return signatures.some((signature) => {
    const parameters = signature.getParameters().map((parameter) => checker.getTypeOfSymbolAtLocation(parameter, declaration));
    return [...parameters, signature.getReturnType()].some(isNumeric);
  });
}

function nameOf(symbol: ts.Symbol): string {
  return symbol.name.replace(/^__@(\w+)@\d+$/, 'Symbol.$1').replace('__constructor', 'constructor');
}

function member(symbol: ts.Symbol, owner: string, context: string): PublicMember {
  const declarations = (symbol.declarations ?? []).filter((one) => !ts.isInterfaceDeclaration(one) && !ts.isClassDeclaration(one));
  return {
    name: owner === '' ? nameOf(symbol) : `${owner}.${nameOf(symbol)}`,
    comment: commentOf(symbol),
    context,
    hasNumbers: hasNumbers(symbol),
    throws: declarations.some(refuses),
    sets: [...new Set(declarations.flatMap((declaration) => errorsOf(declaration)))].sort(),
  };
}

function constructorOf(symbol: ts.Symbol): ts.Symbol[] {
  const constructor = symbol.members?.get(ts.InternalSymbolName.Constructor);
  return constructor === undefined ? [] : [constructor];
}

function partsOf(symbol: ts.Symbol): ts.Symbol[] {
  if ((symbol.flags & ts.SymbolFlags.Enum) !== 0) return [];
  const own = checker.getPropertiesOfType(checker.getDeclaredTypeOfSymbol(symbol));
  if ((symbol.flags & ts.SymbolFlags.Interface) !== 0) return own;
  if ((symbol.flags & ts.SymbolFlags.Class) === 0 || symbol.valueDeclaration === undefined) return [];
  const statics = checker.getPropertiesOfType(checker.getTypeOfSymbolAtLocation(symbol, symbol.valueDeclaration));
  return [...constructorOf(symbol), ...own, ...statics.filter(({ name }) => name !== 'prototype')];
}

/** Everything that an entry point exports, with the members of what has some; inherited ones of ours included. */
export function publicMembers(entry: Entry): PublicMember[] {
  const source = program.getSourceFile(entries[entry]);
  const file = source && checker.getSymbolAtLocation(source);
  if (file === undefined) throw new Error(`there is no ${entries[entry]}`);
  return checker.getExportsOfModule(file).flatMap((exported) => {
    const symbol = (exported.flags & ts.SymbolFlags.Alias) !== 0 ? checker.getAliasedSymbol(exported) : exported;
    const parts = partsOf(symbol).filter((part) => !isHidden(part));
    return [member(symbol, '', ''), ...parts.map((part) => member(part, symbol.name, interfaceComment(part)))];
  });
}
