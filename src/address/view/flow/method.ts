/** Reads calls of methods. @module */

import { quiet } from '../known.ts';
import { memberOf } from './access.ts';
import { callContainer, isContainerMethod } from './container.ts';
import { callOurs } from './library.ts';
import { nothing } from './value.ts';
import type { Thing, Value } from './value.ts';
import type { Call, Walk } from './walk.ts';

/** Reads the call of the method `key` of what `base` holds. */
export function callMethod(walk: Walk, base: Value, key: string | undefined, call: Call): void {
  const { heap } = walk;
  heap.watch(base, (thing) => callOf(walk, thing, key, call));
  // A primitive, or what nobody knows.
  heap.whenSettled(() => {
    if (!base.things) callUnknown(walk, undefined, call);
  });
}

function callOf(walk: Walk, thing: Thing, key: string | undefined, call: Call): void {
  const { heap } = walk;
  switch (thing.kind) {
    case 'wrapper':
      if (key === undefined || !quiet.has(key)) call.frame.region.dispatches.add(thing);
      else if (key !== 'toString') heap.add(call.result, thing);
      return;
    case 'ours':
      return callOurs(walk, thing, call);
    default:
  }
  const self = heap.holding(thing);
  if ((thing.code || thing.kind === 'library') && callsItself(walk, thing, key, call)) return;
  const isValue =
    thing.kind === 'list' || (thing.kind === 'outside' && (thing.path === undefined || thing.path.includes('()')));
  if (isValue && isContainerMethod(key)) return callContainer(walk, thing, key, call);
  call.frame.region.reads.push({ of: self, key });
  const found = heap.lookup(thing, key);
  heap.watch(found, (method) => walk.call(heap.holding(method), { ...call, self }));
  heap.whenSettled(() => {
    if (![...(found.things ?? [])].some((it) => it.kind !== 'plain' && it.kind !== 'list'))
      callUnknown(walk, thing, call);
  });
}

/** `f.call(self, a)`, `f.apply(self, list)`, `f.bind(self)`. */
function callsItself(walk: Walk, thing: Thing, key: string | undefined, call: Call): boolean {
  const { heap } = walk;
  const [self = nothing, ...args] = call.args;
  if (key === 'call') walk.call(heap.holding(thing), { ...call, self, args });
  else if (key === 'apply') {
    const list = args[0] === undefined ? nothing : memberOf(walk, args[0], undefined, call.frame);
    walk.call(heap.holding(thing), { ...call, self, args: [], spread: list });
  } else if (key === 'bind') {
    heap.add(call.result, thing);
    if (!thing.code) return true;
    const frame = walk.activate(thing, call.frame.context);
    if (thing.kind === 'function' && thing.code?.type !== 'ArrowFunctionExpression') heap.flow(self, frame.self);
    // What is bound stands before what comes later, at places that then nobody knows.
    if (args.length > 0) frame.args?.give([], heap.union(...args));
  } else return false;
  return true;
}

/** A method that the module does not define: one of the language's own, or of who knows whom. */
function callUnknown(walk: Walk, thing: Thing | undefined, call: Call): void {
  if (thing && isContainerMethod(call.name)) callContainer(walk, thing, call.name, call);
  else walk.callForeign(call, thing);
}
