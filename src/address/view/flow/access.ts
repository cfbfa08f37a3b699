/** Analyses reads of, and assignments to, variables and properties. @module */

import { initializer } from '../known.ts';
import { keyName, memberName, unwrap } from '../syntax.ts';
import type { Node } from '../syntax.ts';
import type { Frame } from './frame.ts';
import { isContainerMethod, prototypeMethod } from './prototype-method.ts';
import type { Place } from './region.ts';
import { nothing, Value } from './value.ts';
import type { Thing, ThingKind } from './value.ts';
import type { Call, Walk } from './walk.ts';

type Member = Extract<Node, { type: 'MemberExpression' }>;

const constants = new Set(['undefined', 'NaN', 'Infinity']);
const globalNames = new Set(['globalThis', 'global']);

/** The possible values of the variable `name`. */
export function readVariable(walk: Walk, name: string, frame: Frame): Value {
  const { heap, world } = walk;
  const variable = frame.scope.find(name);
  if (variable) {
    if (variable.owner !== frame.region) frame.region.gets.add(variable);
    return variable;
  }
  if (constants.has(name)) return nothing;
  if (name === 'arguments' && frame.named) {
    const list = heap.make('list', frame.region);
    heap.flow(frame.named.all, heap.initial(list, undefined));
    return heap.holding(list);
  }
  const whole = heap.holding(world.global);
  if (globalNames.has(name)) return whole;
  frame.region.reads.push({ of: whole, key: name });
  return heap.lookup(world.global, name);
}

/** The name of the accessed property, if it is known; a built-in symbol such as `Symbol.iterator` is `@@iterator`. */
export function propertyKey(node: { key: Node; computed: boolean }): string | undefined {
  const name = keyName(node);
  // An index may mean any item, since items change their places.
  if (name !== undefined) return /^\d+$/.test(name) ? undefined : name;
  const key = unwrap(node.key);
  const isSymbol = key?.type === 'MemberExpression' && key.object.type === 'Identifier' && key.object.name === 'Symbol';
  return isSymbol ? `@@${memberName(key)}` : undefined;
}

/** Analyses `a.b`, and gives what it may be. */
export function readMember(walk: Walk, node: Member, frame: Frame): Value {
  const base = memberBase(walk, node, frame);
  return memberOf(walk, base, propertyKey({ key: node.property, computed: node.computed }), frame);
}

/** Analyses the object `a` of `a.b` or `a[b]`, and the key if it is computed. */
export function memberBase(walk: Walk, node: Member, frame: Frame, isDropped: boolean = false): Value {
  if (node.computed) walk.expression(node.property, frame);
  if (node.object.type !== 'Super') return walk.expression(node.object, frame, isDropped && isCall(node.object));
  const base = new Value();
  if (frame.home) walk.heap.watch(frame.home.prototypes, (thing) => walk.heap.add(base, thing));
  return base;
}

/**
 * In `program.option('a').parse()`, if the result of the last call is dropped, the first is made for its effect too.
 */
const isCall = (node: Node): boolean => unwrap(node)?.type === 'CallExpression';

/** The possible values of the property `key` of `base`; of any property if `key` is `undefined`. */
export function memberOf(walk: Walk, base: Value, key: string | undefined, frame: Frame): Value {
  const { heap, world } = walk;
  if (base === nothing) return nothing;
  frame.region.reads.push({ of: base, key });
  const result = new Value();
  heap.watch(base, (thing) => {
    // The members of a wrapper count as wrappers: `f.syncCall`, and the functions of an offloaded module.
    if (isItself(thing)) return heap.add(result, thing);
    if (key === 'prototype') prototypeOf(walk, thing);
    heap.flow(heap.lookup(thing, key), result);
    if (thing.kind === 'list' && isContainerMethod(key)) heap.add(result, prototypeMethod(walk, key));
  });
  if (key === undefined || world.accessors.has(key)) callAccessors(walk, base, key, { frame, result });
  return result;
}

/** Whether each member of the thing counts as the thing itself. */
const isItself = ({ kind, path }: Thing): boolean => kind === 'wrapper' || path === initializer;

/** The prototype of the instances that `new thing()` makes. */
export function prototypeOf({ heap }: Walk, thing: Thing): Value {
  const value = heap.field(thing, 'prototype');
  if (thing.kind === 'function' && !value.things) {
    const prototype = heap.make('plain', thing);
    heap.add(heap.initial(prototype, 'constructor'), thing);
    heap.add(value, prototype);
  }
  return heap.lookup(thing, 'prototype');
}

/** An assigned value, and the place of the assignment. */
export interface Given {
  readonly value: Value;
  readonly place: Place;
}

/** Analyses an assignment of `value` to `target`, a variable or a property. */
export function assign(walk: Walk, target: Node, { value, place }: Given, frame: Frame): void {
  const node = unwrap(target);
  if (node?.type === 'Identifier') assignVariable(walk, node.name, { value, place }, frame);
  else if (node?.type === 'MemberExpression') {
    const base = memberBase(walk, node, frame);
    assignMember(walk, base, propertyKey({ key: node.property, computed: node.computed }), { value, place }, frame);
  } else walk.expression(node, frame);
}

function assignVariable({ heap, world }: Walk, name: string, { value, place }: Given, frame: Frame): void {
  const variable = frame.scope.find(name);
  if (variable) {
    heap.flow(value, variable);
    const assigned = frame.empty === name ? frame.region.fills : frame.region.sets;
    if (variable.owner !== frame.region && !assigned.has(variable)) assigned.set(variable, place);
  } else {
    heap.flow(value, heap.field(world.global, name));
    frame.region.changes.push({ of: heap.holding(world.global), key: name, deep: false, ...place });
  }
}

/** Analyses an assignment of `value` to the property `key` of `base`. */
export function assignMember(
  walk: Walk,
  base: Value,
  key: string | undefined,
  { value, place }: Given,
  frame: Frame,
): void {
  const { heap, world } = walk;
  frame.region.changes.push({ of: base, key, deep: false, start: place.start, end: place.end });
  heap.watch(base, (thing) => {
    if (key === 'prototype') prototypeOf(walk, thing);
    heap.flow(value, key === '__proto__' ? heap.prototypes(thing) : heap.field(thing, key));
  });
  if (key !== undefined && world.accessors.has(key)) callAccessors(walk, base, key, { frame, value });
}

interface Access {
  readonly frame: Frame;

  /** The result, if the property is read. */
  readonly result?: Value;

  /** The assigned value, if the property is assigned. */
  readonly value?: Value;
}

function callAccessors(walk: Walk, base: Value, key: string | undefined, { frame, result, value }: Access): void {
  const { heap } = walk;
  heap.watch(base, (thing) => {
    heap.watch(accessorsOf(walk, thing, key), (accessor) => {
      const running = walk.activate(accessor, frame.context);
      frame.region.run(running.region);
      heap.add(running.self, thing);
      if (result) heap.flow(running.result, result);
      if (value) running.args?.give([value]);
    });
  });
}

function accessorsOf(walk: Walk, thing: Thing, key: string | undefined): Value {
  const { heap } = walk;
  const all = new Value();
  const seen = new Set<Thing>();
  const add = (owner: Thing): void => {
    if (seen.has(owner)) return;
    seen.add(owner);
    for (const [name, accessors] of owner.accessors) if (key === undefined || name === key) heap.flow(accessors, all);
    heap.watch(owner.prototypes, add);
  };
  add(thing);
  return all;
}

/** The possible items of `value`: of a list, a generator or an iterable class. */
export function itemsOf(walk: Walk, value: Value, frame: Frame): Value {
  const { heap, world } = walk;
  if (value === nothing) return nothing;
  frame.region.reads.push({ of: value, key: undefined });
  const items = new Value();
  heap.watch(value, (thing) => {
    if (isItself(thing)) return heap.add(items, thing);
    if (thing.kind !== 'plain') heap.flow(heap.lookup(thing, undefined), items);
    if (world.accessors.has('@@iterator')) heap.flow(iterated(walk, thing, frame), items);
  });
  return items;
}

const iterators = new WeakMap<Frame, Value>();

/** The items of an iterable that the program itself defines. */
function iterated(walk: Walk, thing: Thing, frame: Frame): Value {
  const { heap } = walk;
  const all = new Value();
  for (const method of ['@@iterator', '@@asyncIterator']) {
    heap.watch(heap.lookup(thing, method), (iterator) => {
      const running = run(walk, iterator, thing, frame);
      if (!running) return;
      let items = iterators.get(running);
      if (!items) {
        iterators.set(running, (items = new Value()));
        heap.watch(running.result, (given) => {
          if (given.kind === 'list') heap.flow(heap.lookup(given, undefined), items ?? nothing);
          else
            heap.watch(heap.lookup(given, 'next'), (next) => {
              const results = run(walk, next, given, frame)?.result ?? nothing;
              heap.watch(results, (result) => heap.flow(heap.lookup(result, 'value'), items ?? nothing));
            });
        });
      }
      heap.flow(items, all);
    });
  }
  return all;
}

/** Analyses a call of `method` on `thing`. */
function run(walk: Walk, method: Thing, thing: Thing, frame: Frame): Frame | undefined {
  if (method.kind !== 'function') return undefined;
  const running = walk.activate(method, frame.context);
  frame.region.run(running.region);
  walk.heap.add(running.self, thing);
  return running;
}

/** Records that all parts of `value` are read. */
export function use(value: Value, { region }: Frame): void {
  if (value !== nothing) region.wholes.push(value);
}

/** Copies the properties of all things in `from` to `to`. */
export function copyFields({ heap }: Walk, from: Value, to: Thing, into: Value = heap.field(to, undefined)): void {
  heap.watch(from, (thing) => {
    heap.flow(heap.lookup(thing, undefined), into);
    for (const [key, accessors] of thing.accessors) to.accessors.set(key, accessors);
  });
}

/** Makes the function `method` a getter or setter of the property `key` of `thing`. */
export function addAccessor({ heap }: Walk, thing: Thing, key: string | undefined, method: Thing): void {
  const name = key ?? '';
  let accessors = thing.accessors.get(name);
  if (!accessors) thing.accessors.set(name, (accessors = new Value()));
  heap.add(accessors, method);
}

/** The thing of `kind` that `call` makes, the same each time; `path` is used the first time only. */
export function made(walk: Walk, call: Call, kind: ThingKind, path?: string): Thing {
  const known = (call.known.made ??= new Map<string, Thing>());
  let thing = known.get(kind);
  if (!thing) known.set(kind, (thing = walk.heap.make(kind, call.frame.region, path)));
  return thing;
}

/** The name under which the keys of a map are stored. */
export const keysOf: string = '@@keys';

/** The list that `call` makes and that holds `items`, or a pair inside that list. */
export function listIn({ heap }: Walk, call: Call, items: Value, role: 'list' | 'pair' = 'list'): Value {
  const known = (call.known.made ??= new Map<string, Thing>());
  let list = known.get(role);
  if (!list) known.set(role, (list = heap.make('list', call.frame.region)));
  heap.flow(items, heap.initial(list, undefined));
  return heap.holding(list);
}

/** A call, without a name, of something that the code passes on to other code. */
export function bareCall(frame: Frame, place: Place, result: Value): Call {
  return {
    frame,
    place,
    name: undefined,
    self: nothing,
    args: [],
    spread: nothing,
    result,
    known: {},
    isDropped: false,
    isNew: false,
  };
}
