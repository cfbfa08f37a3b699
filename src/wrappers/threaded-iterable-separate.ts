/** Wraps a generator function so that each of its iterators has a dedicated thread. @module */

import { separateRoute } from './threaded-separate.ts';
import { spellings } from './spellings.ts';
import type { ThreadedIterableSeparateFunction } from './iterable-types.ts';

/**
 * As {@link threadedIterable}, but each iterator has a dedicated thread, which ends with the iterator: for generators
 * that are long, endless, or may hang. At most 16 such threads run at once (see `configure`); further calls wait by
 * priority, then in order of arrival. With `detach: true` a pending `next()` does not keep the process alive, and the
 * thread ends with the process.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`, as `threadedIterable` does.
 *
 * @example
 * ```ts
 * export const follow = threadedIterableSeparate(function* follow(path: string) {
 *   for (const line of readFileSync(path, 'utf8').split('\n')) yield line;
 * });
 *
 * for await (const line of follow('app.log')) console.log(line);
 * ```
 */
export const threadedIterableSeparate: ThreadedIterableSeparateFunction = spellings(
  'threadedIterableSeparate',
  separateRoute,
) as ThreadedIterableSeparateFunction;
