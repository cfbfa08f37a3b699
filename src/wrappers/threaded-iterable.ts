/** Wraps a generator function so that it runs in a thread of a pool. @module */

import { pooledRoute } from './threaded.ts';
import { spellings } from './spellings.ts';
import type { ThreadedIterableFunction } from './iterable-types.ts';

/**
 * Wraps a blocking generator function, or any that returns an iterable: the wrapper gives its items as an async iterator,
 * while the generator runs in a thread of a pool, at most `maxSize` items ahead of its consumer. It holds that thread until
 * it ends or is closed. `threaded` makes the same of a generator function.
 *
 * Nothing runs before the first `next()`; arguments are taken as they are at the call. An item is taken as it is when it is
 * yielded, and can be had before the generator goes on. Chunks of bytes are copied once, their own part of the memory
 * alone; `yield move(chunk)` gives up the chunk instead. An `async` generator does not block the loop of its thread.
 *
 * With `overflow` the generator need not wait where `maxSize` items wait: `error` throws `ERR_OFFLOOP_OVERFLOW` at its
 * `yield`, `drop-newest` drops what it yields, `drop-oldest` what waits longest; `dropped` counts. With `maxSize: 0` it
 * advances only when it is asked, and `next(value)` gives its `yield` the value.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `fn` is not a function, or an option is unknown or out of range.
 *
 * `next()` rejects with what the generator throws, after the items before; with `signal.reason`; and as calls of
 * `threaded` do where no thread runs the function. An item that cannot cross throws `ERR_OFFLOOP_NOT_CLONEABLE` at its
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
