/** Reads calls of what transforms add for decorators; it is told by its name, since nobody can follow its code. @module */

import { initializer, registering } from '../known.ts';
import { made, use } from './access.ts';
import { handOn } from './hand-on.ts';
import { Thing } from './value.ts';
import type { Call, Walk } from './walk.ts';

/**
 * Reads the call of a helper: it changes what it is given, calls the decorators among that, and keeps what these want to
 * be called later in one of the lists that it is given.
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
  // What `_applyDecs` gives has functions to be called for the class.
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
    handOn(walk, heap.lookup(thing, undefined), call, {
      items: given,
      owner: heap.holding(fresh),
      returned: result,
      isAtOnce: true,
    });
  };
  const lists = new Set<Thing>();
  heap.watch(given, visit);
}
