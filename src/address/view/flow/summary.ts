/** Summaries: a property that is given to one member may be a property of every member. @module */

import { Value } from './value.ts';
import type { Summary, Thing } from './value.ts';

/** The operations of the heap that are needed here; see `heap.ts`. */
interface Flows {
  flow(from: Value, to: Value): void;
  watch(value: Value, visit: (thing: Thing) => void): void;
  initial(thing: Thing, key: string | undefined): Value;
  lookup(thing: Thing, key: string | undefined): Value;
}

/** Values that some members of `summary` are given under `key`; under unknown keys if `key` is `undefined`. */
export function given(heap: Flows, summary: Summary, key: string | undefined): Value {
  if (key === undefined) {
    heap.flow(summary.givenUnnamed, summary.givenAny);
    heap.flow(summary.givenUnnamed, heap.initial(summary, undefined));
    return summary.givenUnnamed;
  }
  let value = summary.given.get(key);
  if (!value) {
    summary.given.set(key, (value = new Value()));
    heap.flow(value, summary.givenAny);
    heap.flow(value, heap.initial(summary, key));
  }
  return value;
}

/** Adds to `found`, the result of reading `key` of a member, what any member of `summary` is given. */
export function inherit(heap: Flows, summary: Summary, key: string | undefined, found: Value): void {
  if (key === undefined) heap.flow(summary.givenAny, found);
  else {
    heap.flow(given(heap, summary, key), found);
    heap.flow(given(heap, summary, undefined), found);
  }
  heap.watch(summary.givenPrototypes, (prototype) => heap.flow(heap.lookup(prototype, key), found));
}

/** Makes `thing` a member of `summary`, for values that hold too many things to tell them apart. */
export function join(heap: Flows, thing: Thing, summary: Summary): void {
  thing.summary = summary;
  for (const [key, own] of thing.fields) heap.flow(own, heap.initial(summary, key));
  heap.flow(heap.initial(thing, undefined), heap.initial(summary, undefined));
  for (const [key, found] of thing.found) inherit(heap, summary, key || undefined, found);
  heap.flow(thing.prototypes, summary.prototypes);
  heap.flow(summary.givenPrototypes, summary.prototypes);
  if (thing.sources) heap.flow(thing.sources, (summary.sources ??= new Value()));
  for (const [key, accessors] of thing.accessors) {
    let own = summary.accessors.get(key);
    if (!own) summary.accessors.set(key, (own = new Value()));
    heap.flow(accessors, own);
  }
  if (!thing.code) return;
  summary.members.push(thing);
  for (const visit of summary.watchers) visit(thing);
}
