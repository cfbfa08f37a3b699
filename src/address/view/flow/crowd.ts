/** Summaries: a property that is given to one member may be a property of every member. @module */

import { Value } from './value.ts';
import type { Crowd, Thing } from './value.ts';

/** The operations of the heap that are needed here; see `heap.ts`. */
interface Flows {
  flow(from: Value, to: Value): void;
  watch(value: Value, visit: (thing: Thing) => void): void;
  initial(thing: Thing, key: string | undefined): Value;
  lookup(thing: Thing, key: string | undefined): Value;
}

/** What some members of `crowd` are given under `key`; under unknown keys if `key` is `undefined`. */
export function given(heap: Flows, crowd: Crowd, key: string | undefined): Value {
  if (key === undefined) {
    heap.flow(crowd.givenUnnamed, crowd.givenAny);
    heap.flow(crowd.givenUnnamed, heap.initial(crowd, undefined));
    return crowd.givenUnnamed;
  }
  let value = crowd.given.get(key);
  if (!value) {
    crowd.given.set(key, (value = new Value()));
    heap.flow(value, crowd.givenAny);
    heap.flow(value, heap.initial(crowd, key));
  }
  return value;
}

/** Adds to `found`, the result of reading `key` of a member, what any member of `crowd` is given. */
export function inherit(heap: Flows, crowd: Crowd, key: string | undefined, found: Value): void {
  if (key === undefined) heap.flow(crowd.givenAny, found);
  else {
    heap.flow(given(heap, crowd, key), found);
    heap.flow(given(heap, crowd, undefined), found);
  }
  heap.watch(crowd.givenPrototypes, (prototype) => heap.flow(heap.lookup(prototype, key), found));
}

/** Makes `thing` a member of `crowd`, for values that hold too many things to tell them apart. */
export function join(heap: Flows, thing: Thing, crowd: Crowd): void {
  thing.crowd = crowd;
  for (const [key, own] of thing.fields) heap.flow(own, heap.initial(crowd, key));
  heap.flow(heap.initial(thing, undefined), heap.initial(crowd, undefined));
  for (const [key, found] of thing.found) inherit(heap, crowd, key || undefined, found);
  heap.flow(thing.prototypes, crowd.prototypes);
  heap.flow(crowd.givenPrototypes, crowd.prototypes);
  if (thing.sources) heap.flow(thing.sources, (crowd.sources ??= new Value()));
  for (const [key, accessors] of thing.accessors) {
    let own = crowd.accessors.get(key);
    if (!own) crowd.accessors.set(key, (own = new Value()));
    heap.flow(accessors, own);
  }
  if (!thing.code) return;
  crowd.members.push(thing);
  for (const visit of crowd.watchers) visit(thing);
}
