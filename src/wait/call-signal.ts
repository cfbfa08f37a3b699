/** The signal of the running call, for its function. @module */

import { AbortController } from '../base/intrinsics.ts';
import { signalHere } from './running-call.ts';

const never = new AbortController().signal;

/**
 * Returns the `AbortSignal` of the call that runs in this thread. The signal is aborted when the call is given up:
 * because of its `signal`, its `timeout`, or the end of its pool. `aborted`, `reason` and `throwIfAborted()` are live
 * in blocking code; listeners are called when the thread's event loop turns. A call whose function has called
 * `callSignal()` gets the time `grace` to end by itself before its thread is terminated.
 *
 * In a callback or a coroutine that a thread has called, `callSignal()` returns the signal of that callback: aborted
 * when the call is given up, when the thread stops waiting for the callback, and when the thread has died.
 *
 * Where no call runs, as in `f.syncCall(…)` on the main thread, the returned signal is never aborted.
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
