/** Tells expressions that only make values, as a bundler's runtime has them, from those that may do something. @module */

import { isBuiltin } from 'node:module';
import { calleeName, children, isFunction, requiredModule, unwrap } from '../view/syntax.ts';
import type { Node } from '../view/syntax.ts';

/** Functions and classes that a runtime calls to make values. */
export const makers: readonly string[] =
  'Symbol Map Set WeakMap WeakSet URL Proxy Promise Object Array createRequire pathToFileURL fileURLToPath'.split(' ');

const methods =
  /^(?:create|assign|freeze|keys|getPrototypeOf|for|resolve|pathToFileURL|fileURLToPath|toString|slice|replace|join|dirname|defineProperty)$/;

/** Types of nodes that do nothing but combine their parts. */
const plain =
  /^(?:Literal|TemplateLiteral|TemplateElement|Identifier|ThisExpression|ObjectExpression|ArrayExpression|Property|SpreadElement|MemberExpression|ChainExpression|ParenthesizedExpression|UnaryExpression|BinaryExpression|LogicalExpression|ConditionalExpression|SequenceExpression|MetaProperty)$/;

/** Whether `node` only makes a value, if the functions and classes named `callable` do. */
export function isHarmless(node: Node, callable: readonly string[] = makers): boolean {
  if (isFunction(node)) return true;
  if (node.type === 'UnaryExpression' && node.operator === 'delete') return false;
  if (node.type === 'CallExpression' || node.type === 'NewExpression') return isMaker(node, callable);
  if (!plain.test(node.type)) return false;
  return [...children(node)].every((it) => isHarmless(it, callable));
}

function isMaker(
  node: Extract<Node, { type: 'CallExpression' | 'NewExpression' }>,
  callable: readonly string[],
): boolean {
  if (!node.arguments.every((it) => isHarmless(it, callable))) return false;
  const required = requiredModule(node);
  if (required !== undefined) return isBuiltin(required);
  const callee = unwrap(node.callee);
  if (callee?.type === 'ArrowFunctionExpression')
    return callee.body.type !== 'BlockStatement' && isHarmless(callee.body, callable);
  if (callee?.type === 'MemberExpression' && callee.property.type === 'Identifier') {
    return methods.test(callee.property.name) && isHarmless(callee.object, callable);
  }
  return callable.includes(calleeName(node.callee) ?? '');
}

/** The variable at the beginning of `a.b.c`, or `a` itself. */
export function rootOf(node: Node): string | undefined {
  const inner = unwrap(node);
  if (inner?.type === 'MemberExpression') return rootOf(inner.object);
  return inner?.type === 'Identifier' ? inner.name : undefined;
}
