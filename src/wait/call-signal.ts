/** The signal of the call that runs, for its function to ask. @module */

import { AbortController } from '../base/intrinsics.ts';
import { signalHere } from './running-call.ts';

const never = new AbortController().signal;

/**
 * Gives the `AbortSignal` of the call that runs in this thread. It is aborted when the call is: by its `signal`, its
 * `timeout`, or the end of its pool. `aborted`, `reason` and `throwIfAborted()` are live in blocking code; listeners are
 * called when the thread's loop turns. A call that has asked for its signal is given `grace` to end by itself before its
 * thread is terminated.
 *
 * In a callback or a coroutine that a thread has called, it gives the signal of that: aborted when the call is, when the
 * thread waits for it no longer, and when the thread has died.
 *
 * Where no call runs, as in `f.syncCall(…)` on the main thread, it gives a signal that is never aborted.
 *
 * @example
 * ```ts
 * export const search = threaded(function search(from: number, to: number) {
 *   const signal = callSignal();
 *   for (let n = from; n < to && !signal.aborted; n += 1) if (isPrime(n)) return n;
 *   return undefined;
 * });
 * ```
 */
export function callSignal(): AbortSignal {
  return signalHere() ?? never;
}
