/** Finds the variables that are scoped to a whole function. @module */

import type { Expression, Statement, ModuleDeclaration } from 'acorn';
import { children, isClass, isFunction, patternNames } from './syntax.ts';
import type { Node } from './syntax.ts';

/** The names of the `var`s below `node`, apart from those in functions. */
export function varNames(node: Node, into: string[] = []): string[] {
  if (isFunction(node) || isClass(node) || isExpression(node)) return into;
  if (node.type === 'VariableDeclaration' && node.kind === 'var') {
    for (const { id } of node.declarations) patternNames(id, into);
  }
  for (const child of children(node)) varNames(child, into);
  return into;
}

// Expressions contain statements only inside functions and classes.
function isExpression(node: Node): node is Expression & Exclude<Node, Statement | ModuleDeclaration> {
  return node.type.endsWith('Expression') || node.type === 'Identifier' || node.type === 'VariableDeclarator';
}
