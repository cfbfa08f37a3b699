/** Analyses calls of compilers' decorator helpers, known by name, because their code cannot be followed. @module */

import { initializer, registering } from '../known.ts';
import { made, use } from './access.ts';
import { passOn } from './pass-on.ts';
import { Thing } from './value.ts';
import type { Call, Walk } from './walk.ts';

/**
 * Analyses the call of a helper. The helper changes its arguments, calls the decorators among them, and stores the
 * initializers that these add in one of the lists among the arguments.
 */
export function callHelper(walk: Walk, call: Call): void {
  const { heap } = walk;
  const { frame, place, result } = call;
  const given = heap.union(...call.args, call.spread);
  const fresh = made(walk, call, 'outside');
  heap.source(fresh, given);
  use(given, frame);
  frame.region.changes.push({ of: given, key: undefined, deep: true, start: place.start, end: place.end });
  const later = heap.holding(made(walk, call, 'library', initializer));
  // The result of `_applyDecs` contains functions that the class calls later.
  if (/apply/.test(call.name ?? '')) heap.flow(later, result);
  else {
    heap.add(result, fresh);
    heap.flow(given, result);
  }
  const visit = (thing: Thing): void => {
    if (thing.kind === 'library' || thing.kind === 'wrapper') {
      frame.region.registers ||=
        thing.kind === 'wrapper' || thing.path === initializer || registering.has(thing.path ?? '');
      for (const list of lists) heap.flow(later, heap.field(list, undefined));
    }
    if (thing.kind !== 'list' || lists.has(thing)) return;
    lists.add(thing);
    heap.watch(thing.contents, visit);
    passOn(walk, heap.lookup(thing, undefined), call, {
      items: given,
      owner: heap.holding(fresh),
      returned: result,
      isAtOnce: true,
    });
  };
  const lists = new Set<Thing>();
  heap.watch(given, visit);
}
