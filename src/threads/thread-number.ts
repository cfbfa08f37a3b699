/** The number of a thread in its pool. @module */

import { threadState } from '../base/realm.ts';

/**
 * The number of this thread in its pool, from 1 to the pool's `size`. No two threads of a pool run calls under the same
 * number at the same time, and a thread that replaces another one takes over its number. So resources named after the
 * number (a port, a folder, a shard) are reused, and do not become ever more.
 *
 * A replacement starts before the replaced thread has ended. The replacement's `init` may run during the last call of
 * the replaced thread, and the `teardown` of that thread during the replacement's first call. Native code that keeps
 * the thread of a call that was given up runs on beside the calls that run under its number. The extra threads that a
 * pool starts while all of its own wait for callbacks have numbers above `size`, which are reused after such a thread
 * has ended.
 *
 * `undefined` on the main thread, in inline mode, and in the threads of `threadedSeparate`, which belong to no pool.
 *
 * @example
 * ```ts
 * export const open = threaded(() => connect(`/tmp/worker-${threadNumber()}.sock`));
 * ```
 */
export function threadNumber(): number | undefined {
  return threadState()?.number;
}
