/** Wraps a generator function so that it runs in a thread of a pool. @module */

import { pooledRoute } from './threaded.ts';
import { spellings } from './spellings.ts';
import type { ThreadedIterableFunction } from './iterable-types.ts';

/**
 * Wraps a blocking generator function, or a function that returns an iterable. The wrapper returns an async iterator
 * over its items, while the generator runs in a thread of a pool, at most `maxSize` items ahead of its consumer. The
 * generator holds that thread until it ends or is closed. `threaded` does the same for a generator function.
 *
 * The generator starts at the first `next()`; its arguments are copied at the call. An item is copied when it is
 * yielded, and the consumer can have it before the generator goes on. A chunk of bytes is copied once, only its own
 * part of the memory; `yield move(chunk)` transfers the chunk instead. An `async` generator does not block the event
 * loop of its thread.
 *
 * `overflow` says what happens when `maxSize` items wait. `block`, the default, makes the generator wait; `error`
 * throws `ERR_OFFLOOP_OVERFLOW` at its `yield`; `drop-newest` drops the yielded item; `drop-oldest` drops the item that
 * has waited longest. `dropped` counts the dropped items. With `maxSize: 0` the generator advances only when `next()`
 * is called, and `next(value)` gives its `yield` the value.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `fn` is not a function, or an option is unknown or out of range.
 *
 * `next()` rejects with what the generator throws, after the items before it; with `signal.reason`; and as calls of
 * `threaded` do if no thread can run the function. An item that cannot cross throws `ERR_OFFLOOP_NOT_CLONEABLE` at its
 * `yield`. See {@link ThreadedIterator}.
 *
 * @example
 * ```ts
 * export const randomChunks = threadedIterable({ maxSize: 2 })(function* randomChunks(size: number) {
 *   for (;;) yield randomBytes(size);
 * });
 *
 * for await (const chunk of randomChunks(8)) if (chunk[0] === 0) break;
 * ```
 */
export const threadedIterable: ThreadedIterableFunction = spellings(
  'threadedIterable',
  pooledRoute,
) as ThreadedIterableFunction;
