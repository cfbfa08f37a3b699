/** Iterables: generators, streams, and objects with an iterator method. @module */

import type { Walker } from '../walk/walker.ts';

/** The parts from which the receiver makes an iterable. */
export interface IterableTicket {
  /** The id of the iterable within its call. */
  readonly id: number;

  /** The shared memory that the items pass through. */
  readonly memory: SharedArrayBuffer;

  /** How many items may exist that the consumer has not taken. */
  readonly maxSize: number;

  /** Whether somebody is told how many items the other side has done with. */
  readonly isWatched?: boolean;
}

/** The method of an iterable that is told how many of its items the other side has done with. */
export const movedOn: unique symbol = Symbol.for('offloop.movedOn@1') as never;

/** Told how many items the other side has done with: it has asked for the one after them. */
export type TellMoved = (count: number) => void;

/** Refuses `value`: structured clone would lose its iterator method, and with it the items. */
export function refuseIterable(value: object, walker: Walker): never {
  throw walker.refusal(value, { hint: 'it is an iterable, so collect its items into an array first' });
}
