/** Analyses statements. @module */

import { children, isClass, patternNames } from '../syntax.ts';
import type { Node } from '../syntax.ts';
import { varNames } from '../vars.ts';
import { itemsOf, use } from './access.ts';
import { bindPattern } from './bind.ts';
import { emptyName } from './expression.ts';
import type { Frame } from './frame.ts';
import { nothing } from './value.ts';
import type { Walk } from './walk.ts';

/** Analyses a statement, and everything in it. */
export function readStatement(walk: Walk, node: Node, frame: Frame): void {
  const { heap } = walk;
  switch (node.type) {
    case 'ExpressionStatement':
      walk.expression(node.expression, frame, true);
      return;
    case 'VariableDeclaration':
      for (const declarator of node.declarations) walk.statement(declarator, frame);
      return;
    case 'VariableDeclarator':
      if (node.init) bindPattern(walk, node.id, walk.expression(node.init, frame), frame);
      return;
    case 'ClassDeclaration': {
      const variable = node.id && frame.scope.find(node.id.name);
      if (variable) heap.add(variable, walk.closure(node, frame));
      return;
    }
    case 'ReturnStatement':
      heap.flow(walk.expression(node.argument, frame), frame.result);
      return;
    case 'ThrowStatement':
      use(walk.expression(node.argument, frame), frame);
      return;
    case 'IfStatement':
      walk.expression(node.test, frame);
      walk.statement(node.consequent, frame.without(emptyName(node.test)));
      return walk.statement(node.alternate, frame);
    case 'BlockStatement':
      return readBlock(walk, node.body, frame);
    case 'SwitchStatement': {
      walk.expression(node.discriminant, frame);
      const inner = frame.inner();
      for (const { consequent } of node.cases) declareBlock(walk, consequent, inner);
      for (const { test, consequent } of node.cases) {
        walk.expression(test, inner);
        for (const statement of consequent) walk.statement(statement, inner);
      }
      return;
    }
    case 'CatchClause': {
      const inner = frame.inner();
      for (const name of patternNames(node.param)) inner.scope.declare(name, frame.region);
      if (node.param) bindPattern(walk, node.param, heap.holding(heap.make('outside', frame.region)), inner);
      return walk.statement(node.body, inner);
    }
    case 'ForInStatement':
    case 'ForOfStatement':
      return readEach(walk, node, frame);
    case 'ForStatement': {
      const inner = frame.inner();
      if (node.init) declareBlock(walk, [node.init], inner);
      return readParts(walk, node, inner);
    }
    case 'FunctionDeclaration':
    case 'EmptyStatement':
    case 'ImportDeclaration':
    case 'ExportAllDeclaration':
      return;
    case 'ExportNamedDeclaration':
      return walk.statement(node.declaration, frame);
    case 'ExportDefaultDeclaration':
      if (node.declaration.type === 'ClassDeclaration') return walk.statement(node.declaration, frame);
      if (node.declaration.type !== 'FunctionDeclaration') walk.expression(node.declaration, frame);
      return;
    default:
      return readParts(walk, node, frame);
  }
}

/** Analyses the child nodes of `node`. */
function readParts(walk: Walk, node: Node, frame: Frame): void {
  for (const child of children(node)) {
    if (child.type === 'Identifier' && (node.type === 'LabeledStatement' || node.type.endsWith('inueStatement')))
      continue;
    if (node.type === 'BreakStatement') continue;
    walk.statement(child, frame);
  }
}

/** Analyses the statements of a block. */
export function readBlock(walk: Walk, statements: readonly Node[], frame: Frame): void {
  const inner = frame.inner();
  declareBlock(walk, statements, inner);
  for (const statement of statements) walk.statement(statement, inner);
}

/** Declares the `var`s of a function. */
export function declareVars(body: Node, { scope, region }: Frame): void {
  for (const name of varNames(body)) scope.declare(name, region);
}

/** Declares the block-scoped names of `statements`; functions are hoisted. */
export function declareBlock(walk: Walk, statements: readonly Node[], frame: Frame): void {
  const { scope, region } = frame;
  const functions: Extract<Node, { type: 'FunctionDeclaration' }>[] = [];
  for (const statement of statements) {
    if (statement.type === 'VariableDeclaration' && statement.kind !== 'var') {
      for (const { id } of statement.declarations) for (const name of patternNames(id)) scope.declare(name, region);
    } else if (isClass(statement) && statement.id) scope.declare(statement.id.name, region);
    else if (statement.type === 'FunctionDeclaration' && statement.id) functions.push(statement);
  }
  for (const { id } of functions) {
    const outer = walk.world.isSloppy && id ? scope.find(id.name) : undefined;
    const variable = id && scope.declare(id.name, region);
    if (outer && variable) walk.heap.flow(variable, outer);
  }
  for (const node of functions)
    if (node.id) walk.heap.add(scope.declare(node.id.name, region), walk.closure(node, frame));
}

type Each = Extract<Node, { type: 'ForInStatement' | 'ForOfStatement' }>;

function readEach(walk: Walk, node: Each, frame: Frame): void {
  const value = walk.expression(node.right, frame);
  const inner = frame.inner();
  const items = node.type === 'ForOfStatement' ? itemsOf(walk, value, frame) : nothing;
  if (node.type === 'ForInStatement' && value !== nothing) frame.region.reads.push({ of: value, key: undefined });
  if (node.left.type === 'VariableDeclaration') {
    declareBlock(walk, [node.left], inner);
    for (const { id } of node.left.declarations) bindPattern(walk, id, items, inner);
  } else bindPattern(walk, node.left, items, inner);
  walk.statement(node.body, inner);
}
