/** Tells the threads of a pool apart. @module */

import { threadState } from '../base/realm.ts';

/**
 * Which of the threads of its pool this one is: a number from 1 to the pool's `size`. No two threads of a pool run calls
 * under the same number at the same time, and a thread that replaces another one has its number, so that what is named
 * after it (a port, a folder, a shard) is used again instead of becoming ever more.
 *
 * A replacement starts before the thread that it replaces has ended: its `init` may run while that has its last call, and
 * the `teardown` of that while the replacement has its first; and native code that keeps the thread of a call that was given
 * up goes on beside what runs under its number. The threads that a pool starts beside its own, where all of
 * those wait for callbacks, have numbers above `size`, which are given again when such a thread has ended.
 *
 * `undefined` on the main thread, in inline mode, and in the threads of `threadedSeparate`, which are not of a pool.
 *
 * @example
 * ```ts
 * export const open = threaded(() => connect(`/tmp/worker-${threadNumber()}.sock`));
 * ```
 */
export function threadNumber(): number | undefined {
  return threadState()?.number;
}
