/** Recognises code that compilers put around all statements of a module. @module */

import type { Program, Statement, TryStatement } from 'acorn';
import { children, isFunction, requiredModule, unwrap } from './syntax.ts';
import type { Node } from './syntax.ts';

/**
 * The statements of a module; if the whole module is wrapped in a function (CommonJS by tsx), those of the function.
 */
export function moduleBody(program: Program): readonly Node[] {
  let body: readonly Node[] = program.body;
  for (;;) {
    const rest = body.filter((node) => !isFrame(node));
    const [only] = rest;
    const inner = rest.length === 1 && only ? wrappedBody(only) : undefined;
    if (!inner) return body;
    body = [...body.filter(isFrame), ...inner];
  }
}

/** Whether `node` may stand beside the function that wraps a module. */
function isFrame(node: Node): boolean {
  if (node.type === 'ImportDeclaration' || node.type === 'EmptyStatement') return true;
  if (node.type === 'VariableDeclaration') return node.declarations.every(({ init }) => requiredModule(init));
  if (node.type !== 'ExpressionStatement') return false;
  const { expression } = node;
  // `__filename = '…'`, which tsx writes.
  return (
    node.directive !== undefined || (expression.type === 'AssignmentExpression' && expression.right.type === 'Literal')
  );
}

function wrappedBody(node: Node): readonly Statement[] | undefined {
  if (node.type !== 'ExpressionStatement') return undefined;
  let inner = unwrap(node.expression);
  if (inner?.type === 'UnaryExpression' || inner?.type === 'AwaitExpression') inner = unwrap(inner.argument);
  const callee = inner?.type === 'CallExpression' ? unwrap(inner.callee) : undefined;
  return isFunction(callee) && callee.body.type === 'BlockStatement' ? callee.body.body : undefined;
}

/** Whether `node` is the `try` that compilers make of a module with `using` or `await using`. */
export function disposes({ finalizer }: TryStatement): boolean {
  return finalizer !== null && finalizer !== undefined && names(finalizer, /callDispose|disposeResources|usingCtx/);
}

function names(node: Node, pattern: RegExp): boolean {
  if (node.type === 'Identifier') return pattern.test(node.name);
  for (const child of children(node)) if (names(child, pattern)) return true;
  return false;
}
