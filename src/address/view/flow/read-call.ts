/** Analyses call expressions. @module */

import { calleeName, requiredModule, unwrap } from '../syntax.ts';
import type { Node } from '../syntax.ts';
import { bareCall, made, itemsOf, memberBase, propertyKey } from './access.ts';
import type { Frame } from './frame.ts';
import { callMethod } from './method.ts';
import { nothing, Value } from './value.ts';
import type { Thing } from './value.ts';
import type { Call, Walk } from './walk.ts';

type CallNode = Extract<Node, { type: 'CallExpression' | 'NewExpression' | 'TaggedTemplateExpression' }>;

/** Analyses a call, and gives what it may return. */
export function readCall(walk: Walk, node: CallNode, frame: Frame, isDropped: boolean): Value {
  const { heap } = walk;
  const source = requiredModule(node);
  if (source !== undefined) return heap.holding(walk.world.module(source));
  const isTag = node.type === 'TaggedTemplateExpression';
  const called = isTag ? node.tag : node.callee;
  const callee = unwrap(called);
  const { args, spread } = readArguments(walk, isTag ? node.quasi.expressions : node.arguments, frame);
  const result = new Value();
  const isNew = node.type === 'NewExpression';
  const call: Call = { ...bareCall(frame, node, result), args, spread, isDropped, isNew };
  if (callee?.type === 'Super') {
    callParent(walk, call);
  } else if (callee?.type === 'MemberExpression' && !isNew) {
    // In `(0, a.b)()`, the operand before the comma is evaluated too, and `this` is undefined.
    const base = memberBase(walk, callee, frame, isDropped);
    const key = propertyKey({ key: callee.property, computed: callee.computed });
    callMethod(walk, base, key, { ...call, name: key });
  } else walk.call(walk.expression(called, frame), { ...call, name: calleeName(called) });
  return result;
}

function readArguments(walk: Walk, nodes: readonly Node[], frame: Frame): Pick<Call, 'args' | 'spread'> {
  const args: Value[] = [];
  let spread = nothing;
  for (const node of nodes) {
    if (node.type === 'SpreadElement') {
      spread = walk.heap.union(spread, itemsOf(walk, walk.expression(node.argument, frame), frame));
    } else if (spread === nothing) args.push(walk.expression(node, frame));
    else spread = walk.heap.union(spread, walk.expression(node, frame));
  }
  return { args, spread };
}

/** Analyses `super(…)`: the constructor of the parent class runs for the same object. */
function callParent(walk: Walk, call: Call): void {
  const { frame } = call;
  const { home } = frame;
  if (!home) return;
  walk.heap.watch(walk.heap.lookup(home, 'constructor'), (own) => {
    walk.heap.watch(own.prototypes, (parent) => walk.construct(parent, frame.self, frame, call));
  });
}

/** Makes the instance that `new thing()` gives. */
export function makeInstance(walk: Walk, thing: Thing, call: Call, prototype: Value): void {
  const { heap } = walk;
  const instance = made(walk, call, 'plain');
  heap.flow(prototype, instance.prototypes);
  heap.add(call.result, instance);
  walk.construct(thing, heap.holding(instance), call.frame, call);
}
