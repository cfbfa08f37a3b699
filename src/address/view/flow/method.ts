/** Analyses calls of methods. @module */

import { quiet } from '../known.ts';
import { made, memberOf } from './access.ts';
import { callContainer } from './container.ts';
import { callOurs } from './library.ts';
import { bindMethod, isContainerMethod, methodName } from './prototype-method.ts';
import { Summary, nothing } from './value.ts';
import type { Thing, Value } from './value.ts';
import type { Call, Walk } from './walk.ts';

/** Analyses the call of the method `key` of what `base` holds. */
export function callMethod(walk: Walk, base: Value, key: string | undefined, call: Call): void {
  const { heap } = walk;
  const methods: Methods = new Map();
  const own = { ...call, methods };
  heap.watch(base, (thing) => callOf(walk, thing, key, own));
  // The receiver is a primitive, or nothing is known about it.
  heap.whenSettled(() => {
    if (!base.things) callUnknown(walk, undefined, call);
  });
}

/** The functions that a method call may run, and what `this` may be in each. */
type Methods = Map<Thing, { readonly self: Value; readonly isGuess: boolean }>;

function callOf(walk: Walk, thing: Thing, key: string | undefined, call: Call & { readonly methods: Methods }): void {
  const { heap } = walk;
  switch (thing.kind) {
    case 'wrapper':
      if (key === undefined || !quiet.has(key)) call.frame.region.dispatches.add(thing);
      else if (key !== 'toString') heap.add(call.result, thing);
      return;
    case 'ours':
      return callOurs(walk, thing, call);
    case 'outside':
      // The class may have been decorated by a helper, so the method may be a wrapper.
      if (key === undefined || !walk.world.wrappedMethods.has(key)) break;
      call.frame.region.dispatches.add(thing);
      return heap.add(call.result, made(walk, call, 'outside'));
    default:
  }
  const self = heap.holding(thing);
  if (
    (thing.isCode || thing.kind === 'library' || methodName(thing) !== undefined) &&
    callsItself(walk, thing, key, call)
  )
    return;
  const isGroup = thing.kind === 'list' || thing.kind === 'summary';
  const isValue = isGroup || (thing.kind === 'outside' && (thing.path === undefined || thing.path.includes('()')));
  if (isValue && isContainerMethod(key)) {
    callContainer(walk, thing, key, call);
    if (thing.kind !== 'summary') return;
  }
  call.frame.region.reads.push({ of: self, key });
  const isGuess = thing instanceof Summary;
  const found = heap.lookup(thing, key);
  heap.watch(found, (method) => {
    if (!method.isCode) return walk.invoke(method, { ...call, self });
    // Many things may share a method. It is analysed once, and once more if a later call of it turns out to be certain.
    const known = call.methods.get(method);
    if (known) heap.add(known.self, thing);
    if (known && (isGuess || !known.isGuess)) return undefined;
    const own = known?.self ?? heap.holding(thing);
    call.methods.set(method, { self: own, isGuess });
    return walk.invoke(method, { ...call, self: own, isGuess });
  });
  heap.whenSettled(() => {
    if (![...(found.things ?? [])].some((it) => it.kind !== 'plain' && it.kind !== 'list'))
      callUnknown(walk, thing, call);
  });
}

/** Analyses `f.call(self, a)`, `f.apply(self, list)` and `f.bind(self)`; gives `false` for any other method. */
function callsItself(walk: Walk, thing: Thing, key: string | undefined, call: Call): boolean {
  const { heap } = walk;
  const [self = nothing, ...args] = call.args;
  if (key === 'call') walk.call(heap.holding(thing), { ...call, self, args });
  else if (key === 'apply') {
    const list = args[0] === undefined ? nothing : memberOf(walk, args[0], undefined, call.frame);
    walk.call(heap.holding(thing), { ...call, self, args: [], spread: list });
  } else if (key === 'bind') {
    if (methodName(thing) !== undefined) {
      heap.flow(bindMethod(walk, thing, self), call.result);
      return true;
    }
    heap.add(call.result, thing);
    if (!thing.isCode) return true;
    const frame = walk.activate(thing, call.frame.context);
    if (thing.kind === 'function' && thing.code?.type !== 'ArrowFunctionExpression') heap.flow(self, frame.self);
    // Bound arguments come before later ones, whose indices are then unknown.
    if (args.length > 0) frame.args?.give([], heap.union(...args));
  } else return false;
  return true;
}

/** Analyses a method that the module does not define: a method of a container, or of unknown code. */
function callUnknown(walk: Walk, thing: Thing | undefined, call: Call): void {
  if (thing && isContainerMethod(call.name)) callContainer(walk, thing, call.name, call);
  else walk.callForeign(call, thing);
}
