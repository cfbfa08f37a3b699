/** Iterates over the iterable arguments of a call in blocking code. @module */

import { argumentError } from '../base/errors.ts';
import { RemoteItems } from './remote-items.ts';

/**
 * Iterates over `iterable`, an argument of the running call, in blocking code: `for (const item of syncIterate(arg))`.
 * The thread sleeps until there is an item. When the loop is left, the source is closed, and the thread waits for its
 * end: an error of its `finally` is thrown by the loop, unless the loop was left by an error of its own. A synchronous
 * iterable of this thread gives its items without waiting.
 *
 * A `for await (const item of arg)` does not block, and the main side cannot know what else goes on in the thread. So
 * if an item never comes, the loop waits for as long as its call may run, and keeps the process alive.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `iterable` is not iterable, or is an async iterable of this very
 * thread.
 * @throws {OffloopError} `ERR_OFFLOOP_NEVER_SETTLES` while it blocks, if the main side has nothing left to do.
 * @throws The reason for which the call was given up, while it blocks.
 *
 * @example
 * ```ts
 * export const total = threaded(function total(numbers: AsyncIterable<number>) {
 *   let sum = 0;
 *   for (const n of syncIterate(numbers)) sum += n;
 *   return sum;
 * });
 * ```
 */
export function syncIterate<T>(iterable: Iterable<T> | AsyncIterable<T>): IterableIterator<T> {
  if (iterable instanceof RemoteItems) return blockingItems(iterable) as Generator<T>;
  const own = (Object(iterable) as Partial<Iterable<T>>)[Symbol.iterator];
  if (typeof own !== 'function') throw argumentError('Cannot iterate: expected an iterable, or an iterable argument');
  return ownItems(iterable as Iterable<T>);
}

function* ownItems<T>(iterable: Iterable<T>): Generator<T> {
  yield* iterable;
}

function* blockingItems(items: RemoteItems): Generator {
  let isLeft = true;
  try {
    for (let step = items.nextBlocking(); !step.done; step = items.nextBlocking()) yield step.value;
    isLeft = false;
  } catch (error) {
    isLeft = false;
    items.close();
    throw error;
  } finally {
    if (isLeft) items.returnBlocking();
  }
}
