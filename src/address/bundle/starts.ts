/** Finds the modules of a bundle with which the program starts. @module */

import { children, memberName, unwrap } from '../view/syntax.ts';
import type { Node } from '../view/syntax.ts';
import { rootOf } from './harmless.ts';
import { walk } from './shape.ts';
import type { Shape } from './shape.ts';

/**
 * The ids of the modules that the left-out code `left` requires without using what they export: `require('main')`,
 * `let exports = require(require.s = 1)`, `require.X(0, [], () => require(1))`. If the program's first module is not
 * among the modules of the bundle but stands beside them, it uses what it requires.
 */
export function startsOf(left: readonly Node[], { runtime, body }: Shape): string[] {
  if (!runtime) return [];
  const declarators = body.flatMap((it) => (it.type === 'VariableDeclaration' ? it.declarations : []));
  return left.flatMap((node) => {
    const value = unwrap(node.type === 'ExpressionStatement' ? node.expression : node);
    const declared = declarators.find(({ init }) => init === node)?.id;
    const target = value?.type === 'AssignmentExpression' ? value.left : declared;
    const call = value?.type === 'AssignmentExpression' ? unwrap(value.right) : value;
    if (call?.type !== 'CallExpression' || rootOf(call.callee) !== runtime.name) return [];
    if (target?.type === 'Identifier' && isUsed(target.name, body)) return [];
    if (target && target.type !== 'Identifier' && !isExports(target)) return [];
    return [...walk([call])].flatMap((it) => idOf(it, runtime.name));
  });
}

/** The id of `require(id)` and `require(require.s = id)`. */
function idOf(node: Node, name: string): string | [] {
  if (node.type !== 'CallExpression' || node.callee.type !== 'Identifier' || node.callee.name !== name) return [];
  const given = unwrap(node.arguments[0]);
  const id = given?.type === 'AssignmentExpression' ? given.right : given;
  return id?.type === 'Literal' ? String(id.value) : [];
}

/** Whether the variable `name` is read, other than to export it. */
function isUsed(name: string, body: readonly Node[]): boolean {
  let uses = 0;
  const visit = (node: Node): void => {
    if (node.type.startsWith('Export') || (node.type === 'AssignmentExpression' && isExports(node.left))) return;
    if (node.type === 'VariableDeclarator' && node.id.type === 'Identifier' && node.id.name === name) return;
    if (node.type === 'AssignmentExpression' && node.left.type === 'Identifier' && node.left.name === name) return;
    if (node.type === 'Identifier' && node.name === name) uses += 1;
    for (const child of children(node)) visit(child);
  };
  // The modules of the bundle have variables of their own, by the same short names.
  for (const statement of body) if (!isTable(statement)) visit(statement);
  return uses > 0;
}

const isTable = (node: Node): boolean =>
  node.type === 'FunctionDeclaration' ||
  (node.type === 'VariableDeclaration' &&
    node.declarations.every(({ init }) => !init || unwrap(init)?.type === 'ObjectExpression'));

/** `module.exports` or a member of it. */
function isExports(node: Node): boolean {
  if (node.type !== 'MemberExpression') return false;
  const root = rootOf(node);
  return root === 'exports' || (root === 'module' && (memberName(node) === 'exports' || isExports(node.object)));
}
