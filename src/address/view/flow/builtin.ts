/** Analyses calls of built-in functions that do more than return something. @module */

import { containers } from '../known.ts';
import { copyFields, itemsOf, keysOf, listIn, made, memberOf, use } from './access.ts';
import { passOn } from './pass-on.ts';
import { nothing, Value } from './value.ts';
import type { Call, Walk } from './walk.ts';

/** Analyses a call of one built-in function; gives `false` if the call has to be analysed as any other call as well. */
type Model = (walk: Walk, call: Call) => unknown;

/** Analyses the call of the built-in function at `path`; gives `false` if it has to be analysed as any other call. */
export function callBuiltin(walk: Walk, path: string, call: Call): boolean {
  const model = Object.hasOwn(models, path) ? models[path] : undefined;
  if (model) return model(walk, call) !== false;
  if (containers.has(path)) makeContainer(walk, path, call);
  else return false;
  return true;
}

/** Analyses `new Map(entries)`, `Array(3)`, `new Error(text, { cause })`. */
function makeContainer(walk: Walk, path: string, call: Call): void {
  const { heap } = walk;
  const list = made(walk, call, 'list');
  const { args, spread, frame } = call;
  const isMap = path.endsWith('Map');
  for (const value of [...args, spread]) {
    if (value === nothing) continue;
    heap.flow(value, heap.initial(list, undefined));
    const items = itemsOf(walk, value, frame);
    heap.flow(isMap ? itemsOf(walk, items, frame) : items, heap.initial(list, isMap ? keysOf : undefined));
    if (isMap) heap.flow(heap.initial(list, keysOf), heap.initial(list, undefined));
  }
  heap.add(call.result, list);
}

const first = ({ args, spread }: Call): Value => args[0] ?? spread;

function changes({ frame, place }: Call, of: Value, deep = false): void {
  if (of !== nothing) frame.region.changes.push({ of, key: undefined, deep, start: place.start, end: place.end });
}

/** Returns its first argument. */
const same: Model = ({ heap }, call) => heap.flow(first(call), call.result);

/** Returns a list of the items of its argument. */
const listed: Model = (walk, call) => {
  const items = itemsOf(walk, first(call), call.frame);
  walk.heap.flow(listIn(walk, call, walk.heap.union(items, first(call))), call.result);
};

const values: Model = (walk, call) => {
  walk.heap.flow(listIn(walk, call, memberOf(walk, first(call), undefined, call.frame)), call.result);
};

const entries: Model = (walk, call) => {
  const pair = listIn(walk, call, memberOf(walk, first(call), undefined, call.frame), 'pair');
  walk.heap.flow(listIn(walk, call, pair), call.result);
};

const keys: Model = (_walk, { frame, args: [object = nothing] }) => {
  if (object !== nothing) frame.region.reads.push({ of: object, key: undefined });
};

const copyInto: Model = (walk, call) => {
  const { heap } = walk;
  const [target = call.spread, ...sources] = call.args;
  changes(call, target);
  for (const source of [...sources, call.spread]) {
    if (source === nothing) continue;
    call.frame.region.reads.push({ of: source, key: undefined });
    heap.watch(target, (thing) => copyFields(walk, source, thing));
  }
  heap.flow(target, call.result);
};

/**
 * Analyses `Object.defineProperty(a, 'b', { value, get })`; each part of the descriptor may be the value of the
 * property.
 */
const define: Model = (walk, call) => {
  const { heap } = walk;
  const { args, frame, result } = call;
  const target = args[0] ?? nothing;
  const description = args.at(-1) ?? nothing;
  changes(call, target);
  const parts = memberOf(walk, description, undefined, frame);
  heap.watch(target, (thing) => {
    const into = heap.field(thing, undefined);
    heap.flow(parts, into);
    heap.watch(parts, (part) => {
      if (part.kind === 'plain') heap.flow(heap.lookup(part, undefined), into);
      if (part.kind !== 'function') return;
      const getter = walk.activate(part, frame.context);
      frame.region.passesOn.add(getter.region);
      heap.add(getter.self, thing);
      heap.flow(getter.result, into);
    });
  });
  heap.flow(target, result);
};

const inherit: Model = ({ heap }, call) => {
  const [object = nothing, prototype = nothing] = call.args;
  changes(call, object);
  heap.watch(object, (thing) => heap.flow(prototype, heap.prototypes(thing)));
  heap.flow(object, call.result);
};

const create: Model = (walk, call) => {
  const { heap } = walk;
  const thing = made(walk, call, 'plain');
  heap.flow(first(call), thing.prototypes);
  heap.add(call.result, thing);
  const [, descriptions = nothing] = call.args;
  if (descriptions !== nothing) {
    define(walk, { ...call, args: [heap.holding(thing), memberOf(walk, descriptions, undefined, call.frame)] });
  }
};

/** Analyses `util.inherits(A, B)`: instances of A inherit the properties of instances of B. */
const inherits: Model = (walk, call) => {
  const { heap } = walk;
  const [child = nothing, parent = nothing] = call.args;
  const prototypes = memberOf(walk, child, 'prototype', call.frame);
  changes(call, child, true);
  heap.watch(prototypes, (thing) => heap.flow(memberOf(walk, parent, 'prototype', call.frame), heap.prototypes(thing)));
};

/** Calls its arguments before it returns, and returns their results. */
const callsNow: Model = (walk, call) => {
  const { heap } = walk;
  const given = heap.union(...call.args, call.spread);
  passOn(walk, given, call, { items: given, owner: nothing, returned: call.result, isAtOnce: true });
};

const arrayFrom: Model = (walk, call) => {
  const { heap } = walk;
  const returned = new Value();
  const items = itemsOf(walk, first(call), call.frame);
  const [, callback = nothing] = call.args;
  passOn(walk, callback, call, { items, owner: nothing, returned, isAtOnce: true });
  heap.flow(listIn(walk, call, heap.union(items, returned)), call.result);
};

/** Analyses `new Promise((resolve) => …)`, which counts as the value that it is resolved with. */
const promise: Model = (walk, call) => {
  const { heap } = walk;
  const resolve = made(walk, call, 'outside', 'Promise()');
  heap.flow(heap.field(resolve, undefined), call.result);
  const returned = new Value();
  passOn(walk, first(call), call, { items: heap.holding(resolve), owner: nothing, returned, isAtOnce: true });
};

const proxy: Model = (walk, call) => {
  const { heap } = walk;
  const [target = nothing, handler = nothing] = call.args;
  const thing = made(walk, call, 'plain');
  heap.flow(target, thing.prototypes);
  heap.add(call.result, thing);
  heap.flow(target, call.result);
  const owner = heap.holding(thing);
  passOn(walk, handler, call, {
    items: heap.union(target, handler, owner),
    owner,
    returned: heap.field(thing, undefined),
    isAtOnce: false,
  });
};

/** Returns something that contains no part of the argument. */
const fresh: Model = (walk, call) => {
  use(first(call), call.frame);
  walk.heap.add(call.result, made(walk, call, 'outside'));
};

/** Fills its first argument, which is memory. */
const fills: Model = (_walk, call) => changes(call, first(call));
const fillsSecond: Model = (_walk, call) => changes(call, call.args[1] ?? nothing);

const reflected = {
  defineProperty: define,
  setPrototypeOf: inherit,
  apply: ((walk, call) => {
    const [fn = nothing, self = nothing, list = nothing] = call.args;
    const spread = memberOf(walk, list, undefined, call.frame);
    walk.call(fn, { ...call, self, args: [], spread });
  }) satisfies Model,
  construct: ((walk, call) => {
    const [made = nothing, list = nothing] = call.args;
    walk.call(made, { ...call, isNew: true, args: [], spread: memberOf(walk, list, undefined, call.frame) });
  }) satisfies Model,
  get: ((walk, call) =>
    walk.heap.flow(memberOf(walk, first(call), undefined, call.frame), call.result)) satisfies Model,
  set: copyOne,
  decorate: ((walk, call) => {
    const [decorators = nothing, target = nothing, ...args] = call.args;
    walk.heap.flow(target, call.result);
    walk.call(itemsOf(walk, decorators, call.frame), { ...call, self: nothing, args: [target, ...args] });
  }) satisfies Model,
  deleteProperty: fills,
  ownKeys: keys,
};

/** Analyses `Reflect.set(object, key, value)`. */
function copyOne({ heap }: Walk, call: Call): void {
  const [object = nothing, , value = nothing] = call.args;
  changes(call, object);
  heap.watch(object, (thing) => heap.flow(value, heap.field(thing, undefined)));
}

const prefixed = (prefix: string, of: Record<string, Model>): Record<string, Model> =>
  Object.fromEntries(Object.entries(of).map(([name, model]) => [`${prefix}.${name}`, model]));

const models: Readonly<Record<string, Model>> = {
  ...prefixed('Reflect', reflected),
  ...prefixed('Object', {
    assign: copyInto,
    create,
    defineProperty: define,
    defineProperties: define,
    setPrototypeOf: inherit,
    freeze: (walk, call) => {
      walk.heap.watch(first(call), (thing) => void (thing.isFrozen ||= thing.kind !== 'summary'));
      same(walk, call);
    },
    seal: same,
    preventExtensions: same,
    entries,
    values,
    keys,
    getOwnPropertyNames: keys,
    fromEntries: (walk, call) => {
      const pairs = itemsOf(walk, first(call), call.frame);
      const object = made(walk, call, 'plain');
      walk.heap.flow(itemsOf(walk, pairs, call.frame), walk.heap.initial(object, undefined));
      walk.heap.add(call.result, object);
    },
    groupBy: listed,
    getPrototypeOf: ({ heap }, call) => heap.watch(first(call), (it) => heap.flow(it.prototypes, call.result)),
  }),
  'Array.from': arrayFrom,
  'Array.fromAsync': arrayFrom,
  'Array.of': (walk, call) =>
    walk.heap.flow(listIn(walk, call, walk.heap.union(...call.args, call.spread)), call.result),
  Promise: promise,
  ...prefixed('Promise', { all: listed, allSettled: listed, any: listed, race: listed, resolve: same, try: callsNow }),
  Proxy: proxy,
  'JSON.parse': fresh,
  'JSON.stringify': fresh,
  structuredClone: fresh,
  // This method is one of many, some of which change their argument.
  '*': (_walk, call) => {
    changes(call, first(call));
    return false;
  },
  'node:util.inherits': inherits,
  'node:fs.readSync': fillsSecond,
  'crypto.getRandomValues': fills,
  'node:crypto.randomFillSync': fills,
  'node:async_hooks.AsyncLocalStorage().run': callsNow,
  'node:async_hooks.AsyncLocalStorage().exit': callsNow,
};
