/** Iterables: generators, streams, and objects with an iterator method. @module */

import type { Walker } from './walker.ts';

/** The parts from which the receiver makes an iterable. */
export interface IterableTicket {
  /** The id of the iterable within its call. */
  readonly id: number;

  /** The shared memory that the items pass through. */
  readonly memory: SharedArrayBuffer;

  /** How many items may exist that the consumer has not taken. */
  readonly maxSize: number;
}

/** Refuses `value`: structured clone would lose its iterator method, and with it the items. */
export function refuseIterable(value: object, walker: Walker): never {
  throw walker.refusal(value, { hint: 'it is an iterable, so collect its items into an array first' });
}
