/** Analyses expressions: what their values may be, and what their evaluation does. @module */

import { isFunction, keyName, unwrap } from '../syntax.ts';
import type { Node } from '../syntax.ts';
import {
  addAccessor,
  assign,
  assignMember,
  copyFields,
  itemsOf,
  memberBase,
  propertyKey,
  readMember,
  use,
  readVariable,
} from './access.ts';
import { bindPattern } from './bind.ts';
import type { Frame } from './frame.ts';
import { readCall } from './read-call.ts';
import { nothing } from './value.ts';
import type { Value } from './value.ts';
import type { Walk } from './walk.ts';

type Read<T extends Node['type']> = Extract<Node, { type: T }>;

/** Analyses an expression, and gives what its value may be. */
export function readExpression(walk: Walk, node: Node, frame: Frame, isDropped: boolean): Value {
  const { heap } = walk;
  switch (node.type) {
    case 'Literal':
      return nothing;
    case 'Identifier':
      return readVariable(walk, node.name, frame);
    case 'ThisExpression':
      return frame.self;
    case 'ParenthesizedExpression':
    case 'ChainExpression':
      return walk.expression(node.expression, frame, isDropped);
    case 'MemberExpression':
      return readMember(walk, node, frame);
    case 'CallExpression':
    case 'NewExpression':
    case 'TaggedTemplateExpression':
      return readCall(walk, node, frame, isDropped);
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
    case 'ClassExpression':
      return heap.holding(walk.closure(node, frame));
    case 'ArrayExpression':
      return readArray(walk, node, frame);
    case 'ObjectExpression':
      return readObject(walk, node, frame);
    case 'AssignmentExpression':
      return readAssignment(walk, node, frame);
    case 'UpdateExpression':
      walk.expression(node.argument, frame);
      assign(walk, node.argument, { value: nothing, place: node }, frame);
      return nothing;
    case 'SequenceExpression': {
      const last = node.expressions.length - 1;
      const values = node.expressions.map((it, i) => walk.expression(it, frame, isDropped || i < last));
      return values[last] ?? nothing;
    }
    case 'ConditionalExpression':
      walk.expression(node.test, frame);
      return heap.union(
        walk.expression(node.consequent, frame, isDropped),
        walk.expression(node.alternate, frame, isDropped),
      );
    case 'LogicalExpression': {
      const left = walk.expression(node.left, frame);
      const name = node.operator === '&&' ? emptyName(node.left) : variableName(node.left);
      return heap.union(left, walk.expression(node.right, frame.without(name), isDropped));
    }
    case 'BinaryExpression':
      return readBinary(walk, node, frame);
    case 'UnaryExpression':
      return readUnary(walk, node, frame, isDropped);
    case 'TemplateLiteral':
      for (const part of node.expressions) use(walk.expression(part, frame), frame);
      return nothing;
    // A promise counts as the value that it settles with.
    case 'AwaitExpression':
      return walk.expression(node.argument, frame, isDropped);
    case 'YieldExpression': {
      const value = walk.expression(node.argument, frame);
      heap.flow(node.delegate ? itemsOf(walk, value, frame) : value, frame.yielded);
      return heap.holding(heap.make('outside', frame.region));
    }
    case 'SpreadElement':
      return itemsOf(walk, walk.expression(node.argument, frame), frame);
    case 'ImportExpression': {
      const source = unwrap(node.source);
      walk.expression(node.source, frame);
      const name = source?.type === 'Literal' ? String(source.value) : undefined;
      return heap.holding(name === undefined ? heap.make('outside', frame.region) : walk.world.module(name));
    }
    default:
      return heap.holding(heap.make('outside', frame.region));
  }
}

const variableName = (node: Node): string | undefined => {
  const inner = unwrap(node);
  return inner?.type === 'Identifier' ? inner.name : undefined;
};

/** The variable that has no value if `test` holds: `!a`, `a === undefined`, `a == null`. */
export function emptyName(test: Node): string | undefined {
  const node = unwrap(test);
  if (node?.type === 'UnaryExpression' && node.operator === '!') return variableName(node.argument);
  if (node?.type !== 'BinaryExpression' || !/^===?$/.test(node.operator)) return undefined;
  const { right } = node;
  const isNone = (right.type === 'Literal' && right.value === null) || variableName(right) === 'undefined';
  return isNone && node.left.type !== 'PrivateIdentifier' ? variableName(node.left) : undefined;
}

function readArray(walk: Walk, { elements }: Read<'ArrayExpression'>, frame: Frame): Value {
  const { heap } = walk;
  const list = heap.make('list', frame.region);
  for (const [index, element] of elements.entries()) {
    const value = walk.expression(element, frame);
    const isPlaced =
      element?.type !== 'SpreadElement' && !elements.slice(0, index).some((it) => it?.type === 'SpreadElement');
    heap.flow(value, heap.initial(list, isPlaced ? String(index) : undefined));
  }
  return heap.holding(list);
}

function readObject(walk: Walk, { properties }: Read<'ObjectExpression'>, frame: Frame): Value {
  const { heap } = walk;
  const object = heap.make('plain', frame.region);
  const value = heap.holding(object);
  for (const property of properties) {
    if (property.type === 'SpreadElement') {
      const spread = walk.expression(property.argument, frame);
      copyFields(walk, spread, object, heap.initial(object, undefined));
      if (spread !== nothing) frame.region.reads.push({ of: spread, key: undefined });
      continue;
    }
    if (property.computed) walk.expression(property.key, frame);
    const key = property.computed ? propertyKey(property) : keyName(property);
    const inner = unwrap(property.value);
    if (isFunction(inner) && (property.kind !== 'init' || property.method)) {
      const method = walk.closure(inner, frame);
      method.home = object;
      method.method = property;
      if (property.kind === 'init') heap.add(heap.initial(object, key), method);
      else addAccessor(walk, object, key, method);
    } else {
      const given = walk.expression(property.value, frame);
      heap.flow(given, key === '__proto__' && !property.shorthand ? object.prototypes : heap.initial(object, key));
    }
  }
  return value;
}

function readAssignment(walk: Walk, node: Read<'AssignmentExpression'>, frame: Frame): Value {
  const { left, right, operator } = node;
  if (operator !== '=') {
    const before = walk.expression(left, frame);
    const isChoice = operator.length > 2 && /^(?:\|\||&&|\?\?)=$/.test(operator);
    const given = walk.expression(right, frame);
    if (!isChoice) for (const value of [before, given]) use(value, frame);
    const filled = isChoice && operator !== '&&=' ? frame.without(variableName(left)) : frame;
    assign(walk, left, { value: isChoice ? given : nothing, place: node }, filled);
    return isChoice ? walk.heap.union(before, given) : nothing;
  }
  const inner = unwrap(left);
  const value = walk.expression(right, frame);
  if (inner?.type === 'MemberExpression') {
    // The object is evaluated once, not once for each thing that it may be.
    const base = memberBase(walk, inner, frame);
    const key = propertyKey({ key: inner.property, computed: inner.computed });
    assignMember(walk, base, key, { value, place: node }, frame);
  } else bindPattern(walk, left, value, frame);
  return value;
}

function readBinary(walk: Walk, { left, right, operator }: Read<'BinaryExpression'>, frame: Frame): Value {
  const values = [
    left.type === 'PrivateIdentifier' ? nothing : walk.expression(left, frame),
    walk.expression(right, frame),
  ];
  const [, object = nothing] = values;
  if (operator === 'in') frame.region.reads.push({ of: object, key: undefined });
  else if (operator !== 'instanceof' && !/^[!=]==?$/.test(operator)) for (const value of values) use(value, frame);
  return nothing;
}

function readUnary(walk: Walk, node: Read<'UnaryExpression'>, frame: Frame, isDropped: boolean): Value {
  const { operator, argument } = node;
  if (operator === 'delete') {
    assign(walk, argument, { value: nothing, place: node }, frame);
    return nothing;
  }
  const value = walk.expression(argument, frame, operator === 'void' || isDropped);
  if (/^[-+~]$/.test(operator)) use(value, frame);
  return nothing;
}
