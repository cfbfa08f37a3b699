/** The signal of the call that runs, for its function to ask. @module */

import { AsyncLocalStorage } from 'node:async_hooks';
import { shared } from '../realm.ts';

type FindSignal = () => AbortSignal | undefined;

const running = shared('running call', () => ({
  /** In a thread of the library one call runs at a time. */
  here: undefined as FindSignal | undefined,

  /** Inline, calls run beside each other. */
  inline: new AsyncLocalStorage<FindSignal>(),
}));

const never = new AbortController().signal;

/**
 * Gives the `AbortSignal` of the call that runs in this thread. It is aborted when the call is: by its `signal`, its
 * `timeout`, or the end of its pool. `aborted`, `reason` and `throwIfAborted()` are live in blocking code; listeners are
 * called when the thread's loop turns. A call that has asked for its signal is given `grace` to end by itself before its
 * thread is terminated.
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
  return (running.here ?? running.inline.getStore())?.() ?? never;
}

/** Makes `find` the one that knows the running call of this thread. */
export function serveSignals(find: FindSignal): void {
  running.here = find;
}

/** Runs `run` as a call of its own, whose signal is what `find` gives. */
export function withSignal<T>(find: FindSignal, run: () => T): T {
  return running.inline.run(find, run);
}
