/** The syntax tree (AST) that the slicer reads. @module */

import { parse } from 'acorn';
import type { AnyNode, MemberExpression, Program } from 'acorn';
import type { ModuleFormat } from '../address.ts';

/** Any node of the AST. */
export type Node = AnyNode;

/** A function of any syntax. */
export type FunctionNode = Extract<
  Node,
  { type: 'FunctionDeclaration' | 'FunctionExpression' | 'ArrowFunctionExpression' }
>;

/** A class declaration or expression. */
export type ClassNode = Extract<Node, { type: 'ClassDeclaration' | 'ClassExpression' }>;

/** The AST of `code`; `undefined` if it does not parse. */
export function parseModule(code: string, format: ModuleFormat): Program | undefined {
  const isModule = format === 'module';
  try {
    return parse(code, {
      ecmaVersion: 'latest',
      sourceType: isModule ? 'module' : 'script',
      allowReturnOutsideFunction: !isModule,
      allowHashBang: true,
      // With parentheses, an element of the sequence `a, (b)` ends after the closing parenthesis.
      preserveParens: true,
    });
  } catch {
    return undefined;
  }
}

/** Whether `node` is a function. */
export function isFunction(node: Node | null | undefined): node is FunctionNode {
  return (
    node?.type === 'FunctionDeclaration' ||
    node?.type === 'FunctionExpression' ||
    node?.type === 'ArrowFunctionExpression'
  );
}

/** Whether `node` is a class. */
export function isClass(node: Node | null | undefined): node is ClassNode {
  return node?.type === 'ClassDeclaration' || node?.type === 'ClassExpression';
}

/** The expression that gives the value of `node`: without parentheses, optional chains, and operands before a comma. */
export function unwrap(node: Node | null | undefined): Node | undefined {
  let inner: Node | null | undefined = node;
  for (;;) {
    if (inner?.type === 'ParenthesizedExpression' || inner?.type === 'ChainExpression') inner = inner.expression;
    else if (inner?.type === 'SequenceExpression') inner = inner.expressions.at(-1);
    else return inner ?? undefined;
  }
}

/** The child nodes of `node`. */
export function* children(node: Node): Iterable<Node> {
  for (const value of Object.values(node) as unknown[]) {
    if (Array.isArray(value)) yield* value.filter(isNode);
    else if (isNode(value)) yield value;
  }
}

/** The names that a binding or assignment pattern binds. */
export function patternNames(pattern: Node | null | undefined, into: string[] = []): string[] {
  if (pattern?.type === 'Identifier') into.push(pattern.name);
  else if (pattern?.type === 'AssignmentPattern') patternNames(pattern.left, into);
  else if (pattern?.type === 'RestElement') patternNames(pattern.argument, into);
  else if (pattern?.type === 'ArrayPattern') for (const element of pattern.elements) patternNames(element, into);
  else if (pattern?.type === 'ObjectPattern') {
    for (const property of pattern.properties) {
      patternNames(property.type === 'RestElement' ? property : property.value, into);
    }
  }
  return into;
}

/** The name of a property that is not computed, as in `a.b`, `{ b: 1 }` and `{ 'b': 1 }`. */
export function keyName({ key, computed }: { key: Node; computed: boolean }): string | undefined {
  if (key.type === 'Literal') return String(key.value);
  return !computed && (key.type === 'Identifier' || key.type === 'PrivateIdentifier') ? key.name : undefined;
}

/** The name of the accessed member. */
export function memberName(node: MemberExpression): string | undefined {
  return keyName({ key: node.property, computed: node.computed });
}

/**
 * CommonJS exports count as names: `exports.a` and `module.exports.a` are `exports.a`; the whole object is
 * `module.exports`.
 */
export function exportsName(node: Node): string | undefined {
  if (node.type !== 'MemberExpression') return undefined;
  const { object } = node;
  const name = memberName(node);
  if (name === undefined) return undefined;
  if (object.type === 'Identifier' && object.name === 'exports') return `exports.${name}`;
  if (object.type === 'Identifier' && object.name === 'module' && name === 'exports') return 'module.exports';
  return exportsName(object) === 'module.exports' ? `exports.${name}` : undefined;
}

/**
 * The variable from which `node` gets its value: `a` of `a`, `a.b`, `a.b()`, `new a()`, `await a()`, `a || {}`, `a =
 * {}`.
 */
export function rootName(node: Node | null | undefined): string | undefined {
  const inner = unwrap(node);
  switch (inner?.type) {
    case 'Identifier':
      return inner.name;
    case 'MemberExpression':
      return exportsName(inner) ?? rootName(inner.object);
    case 'CallExpression':
    case 'NewExpression':
      return rootName(inner.callee);
    case 'AwaitExpression':
      return rootName(inner.argument);
    case 'AssignmentExpression':
    case 'LogicalExpression':
      return rootName(inner.left) ?? rootName(inner.right);
    default:
      return undefined;
  }
}

/** The name of the called function, if it has one: `a` of `a()` and `(0, a)()`, `exports.a` of `exports.a()`. */
export function calleeName(callee: Node): string | undefined {
  const inner = unwrap(callee);
  if (inner?.type === 'Identifier') return inner.name;
  return inner && exportsName(inner);
}

/** The module specifier in `require('x')`, `require('x').y`, `await import('x')` and `__importStar(require('x'))`. */
export function requiredModule(node: Node | null | undefined): string | undefined {
  const inner = unwrap(node);
  if (inner?.type === 'MemberExpression') return requiredModule(inner.object);
  if (inner?.type === 'AwaitExpression') return requiredModule(inner.argument);
  if (inner?.type === 'ImportExpression') return literalText(inner.source);
  if (inner?.type !== 'CallExpression') return undefined;
  const name = calleeName(inner.callee) ?? '';
  if (name === 'require') return literalText(inner.arguments[0]);
  const isInterop = /^_{2}(?:importDefault|importStar|toESM)$|interop/i.test(name);
  return isInterop ? requiredModule(inner.arguments[0]) : undefined;
}

function literalText(node: Node | undefined): string | undefined {
  return node?.type === 'Literal' && typeof node.value === 'string' ? node.value : undefined;
}

function isNode(value: unknown): value is Node {
  return typeof value === 'object' && value !== null && 'type' in value;
}
