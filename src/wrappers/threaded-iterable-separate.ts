/** Wraps a generator function so that each call of it runs in a thread of its own. @module */

import { separateRoute } from './threaded-separate.ts';
import { spellings } from './spellings.ts';
import type { ThreadedIterableSeparateFunction } from './iterable-types.ts';

/**
 * As {@link threadedIterable}, but each iterator has a thread of its own, which ends with it: for generators that are long,
 * endless, or may hang. At most 16 threads of this kind run at once (see `configure`); more wait, first come, first served
 * within a priority. With `detach: true` a pending `next()` does not keep the process alive, and the thread ends with it.
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
