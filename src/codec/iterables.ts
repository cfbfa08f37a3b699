/** Things that give their items by a method: generators, streams, and objects with an iterator. @module */

import type { Walker } from './walker.ts';

/** Refuses `value`: structured clone would lose the method, and with it the items. */
export function refuseIterable(value: object, walker: Walker): never {
  throw walker.refusal(value, { hint: 'it is an iterable, so collect its items into an array first' });
}
