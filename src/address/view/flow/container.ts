/** Analyses calls of the methods of lists, maps, sets, promises and iterators. @module */

import { callsBack, changesSelf, givesItems, givesList, keeperMethods } from '../known.ts';
import { itemsOf, keysOf, listIn, use } from './access.ts';
import { passOn } from './pass-on.ts';
import { nothing, Value } from './value.ts';
import type { Thing } from './value.ts';
import type { Call, Walk } from './walk.ts';

/** Analyses the call of the method `name` of `thing`. */
export function callContainer(walk: Walk, thing: Thing, name: string, call: Call): void {
  const { heap } = walk;
  const { args, spread, result, frame } = call;
  const self = heap.holding(thing);
  const items = heap.union(heap.lookup(thing, undefined), thing.kind === 'list' ? nothing : self);
  const given = heap.union(...args, spread);
  // Code that only adds to a list does not depend on what the list holds.
  if (!(changesSelf.has(name) && call.isDropped)) frame.region.reads.push({ of: self, key: undefined });
  if (changesSelf.has(name)) {
    frame.region.changes.push({ of: self, key: undefined, deep: false, start: call.place.start, end: call.place.end });
    // The call may move items to other indices.
    if (thing.kind === 'list') heap.flow(thing.contents, heap.field(thing, undefined));
  }
  if (keeperMethods.has(name)) {
    const [key = nothing, value] = args;
    if (name === 'set' && value) {
      heap.flow(key, heap.field(thing, keysOf));
      heap.flow(value, heap.field(thing, undefined));
    } else heap.flow(given, heap.field(thing, undefined));
    heap.flow(self, result);
  }
  const returned = new Value();
  const pairs = name === 'entries' ? listIn(walk, call, items, 'pair') : nothing;
  const isLater = /^(?:then|catch|finally)$/.test(name);
  if (callsBack.has(name) || isLater) {
    const inputs = isLater
      ? self
      : heap.union(items, name.startsWith('reduce') ? heap.union(returned, given) : nothing);
    passOn(walk, given, call, { items: inputs, owner: self, returned, isAtOnce: true });
  } else use(given, frame);
  if (isLater) heap.flow(heap.union(self, returned), result);
  else if (name === 'map' || name === 'flatMap') {
    const mapped = name === 'map' ? returned : heap.union(returned, itemsOf(walk, returned, frame));
    heap.flow(listIn(walk, call, mapped), result);
  } else if (name.startsWith('reduce')) heap.flow(heap.union(returned, given), result);
  else if (name === 'keys') heap.flow(listIn(walk, call, heap.lookup(thing, keysOf)), result);
  else if (givesList.has(name)) heap.flow(listIn(walk, call, heap.union(items, given, pairs)), result);
  else if (givesItems.has(name)) heap.flow(items, result);
  else if (name === 'sort' || name === 'reverse' || name === 'fill') heap.flow(self, result);
}
