/** Finds the free variables of a function in its text. @module */

import { parse } from 'acorn';

/**
 * The identifiers in the text of a function that it does not declare itself; every identifier if the text does not
 * parse.
 */
export function freeNames(source: string): Set<string> {
  const used = new Set<string>();
  const declared = new Set<string>(['arguments']);
  const program = parseFunction(source);
  if (!program) return new Set(source.match(/[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/gu));
  visit(program, undefined, { used, declared });
  // A name declared anywhere inside counts as the function's own. This can be wrong, but only an error's hint lacks it
  // then.
  return new Set([...used].filter((name) => !declared.has(name)));
}

interface Node {
  readonly type: string;
  readonly [key: string]: unknown;
}

interface Names {
  readonly used: Set<string>;
  readonly declared: Set<string>;
}

function parseFunction(source: string): Node | undefined {
  // Methods are valid only inside an object or a class.
  for (const text of [`(${source})`, `({ ${source} })`, `(class { ${source} })`]) {
    try {
      return parse(text, {
        ecmaVersion: 'latest',
        sourceType: 'module',
        allowSuperOutsideMethod: true,
      }) as unknown as Node;
    } catch {
      // The next form may parse.
    }
  }
  return undefined;
}

function visit(node: Node, parent: Node | undefined, names: Names): void {
  if (node.type === 'Identifier' && parent && !isNoVariable(node, parent)) names.used.add(node['name'] as string);
  declare(node, names.declared);
  for (const child of children(node)) visit(child, node, names);
}

/**
 * Whether an identifier is not a variable: `b` in `a.b`, `{ b: c }`, `{ b() {} }` and `break b`. In `{ b }` it is one.
 */
function isNoVariable(node: Node, parent: Node): boolean {
  if (parent['label'] === node) return true;
  if (parent['computed'] === true) return false;
  if (parent.type === 'MemberExpression') return parent['property'] === node;
  return (
    /^(?:Property|MethodDefinition|PropertyDefinition)$/.test(parent.type) &&
    parent['key'] === node &&
    parent['value'] !== node
  );
}

function declare(node: Node, into: Set<string>): void {
  const { type } = node;
  if (type === 'VariableDeclarator') declarePattern(node['id'], into);
  if (type === 'CatchClause') declarePattern(node['param'], into);
  if (/^(?:Function|ArrowFunction)/.test(type))
    for (const parameter of node['params'] as unknown[]) declarePattern(parameter, into);
  if (/^(?:Function|Class)/.test(type)) declarePattern(node['id'], into);
}

function declarePattern(pattern: unknown, into: Set<string>): void {
  if (!isNode(pattern)) return;
  if (pattern.type === 'Identifier') into.add(pattern['name'] as string);
  else if (pattern.type === 'AssignmentPattern') declarePattern(pattern['left'], into);
  else if (pattern.type === 'Property') declarePattern(pattern['value'], into);
  else if (/Pattern$|^RestElement$/.test(pattern.type))
    for (const child of children(pattern)) declarePattern(child, into);
}

function* children(node: Node): Iterable<Node> {
  for (const value of Object.values(node)) {
    if (Array.isArray(value)) yield* value.filter(isNode);
    else if (isNode(value)) yield value;
  }
}

const isNode = (value: unknown): value is Node => typeof value === 'object' && value !== null && 'type' in value;
