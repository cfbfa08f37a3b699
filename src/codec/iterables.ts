/** Things that give their items by a method: generators, streams, and objects with an iterator. @module */

import type { Walker } from './walker.ts';

/** What the other side makes an iterable of. */
export interface IterableTicket {
  /** Names it among those of its call. */
  readonly id: number;

  /** Where its items will be. */
  readonly memory: SharedArrayBuffer;

  /** How many items of it may exist that were not taken. */
  readonly maxSize: number;
}

/** Refuses `value`: structured clone would lose the method, and with it the items. */
export function refuseIterable(value: object, walker: Walker): never {
  throw walker.refusal(value, { hint: 'it is an iterable, so collect its items into an array first' });
}
