/** Blocks a thread until an `async` function on the main side has settled. @module */

import { reentry } from '../address/find/explain.ts';
import { interruptLoad } from '../address/load/load.ts';
import { isTrappedCall } from '../address/trap/guards.ts';
import { argumentError } from '../base/errors.ts';
import { wouldBlock } from '../wait/block.ts';
import { waitOptions, noOptions } from '../wait/wait-options.ts';
import type { WaitOptions } from '../wait/wait-options.ts';
import { handleWait } from '../job/handle-waits.ts';
import { runningCall } from '../wait/running-call.ts';
import { threadState } from '../base/realm.ts';
import { nameOnMain, noCall } from './coroutine.ts';

/** A function that can be waited for: an argument of the running call, a coroutine, or a wrapped function. */
type Waitable = (...args: never) => unknown;

/** Calls `ref` with `args` and blocks until it has settled. */
type Wait = <F extends Waitable>(ref: F, ...args: Parameters<F>) => Awaited<ReturnType<F>>;

/** The signature of `syncWaitCoroutine`. */
export interface SyncWaitCoroutine extends Wait {
  /**
   * Gives the same function with limits.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range.
   */
  with(options: WaitOptions): Wait;
}

/**
 * Blocks this thread, and no other, until `ref` has been called on the main side with `args` and has settled; returns
 * its value or throws its error. `ref` is a function that was an argument of the running call, a function that
 * `coroutine` made, or a function wrapped by `threaded` or `threadedSeparate`. A wrapped function runs in another
 * thread, which the pool starts if all of its threads are blocked.
 *
 * `ref` runs in the context of the running call: the live `AsyncLocalStorage` stores of its caller, overlaid with the
 * context variables that this thread has changed. Arguments and result are copied. Output that this thread has printed
 * is flushed first.
 *
 * If the running call is given up (aborted or timed out), the wait throws the reason, so that `finally` blocks run and
 * the thread lives on. The `callSignal()` of `ref` is aborted then, and when the wait times out. A late reply is
 * dropped.
 *
 * @throws What `ref` throws, with its class, code, properties, cause and both stacks.
 * @throws The reason for which the running call was given up, or `signal.reason`.
 * @throws {OffloopError} `ERR_OFFLOOP_TIMEOUT` after `timeout` milliseconds.
 * @throws {OffloopError} `ERR_OFFLOOP_WOULD_BLOCK` on the main side.
 * @throws {OffloopError} `ERR_OFFLOOP_NEVER_SETTLES` if `ref` has not settled and the main side has nothing left to do.
 * No timer is involved, and the error is never thrown while a timer is pending there.
 * @throws {OffloopError} `ERR_OFFLOOP_HANDLE_RELEASED` if the call that `ref` was an argument of has settled.
 * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE` if an argument or the result cannot cross.
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `ref` is none of these functions.
 *
 * @example
 * ```ts
 * export const convert = threaded(function convert(names: string[], read: (name: string) => Promise<Buffer>) {
 *   return names.map((name) => encode(syncWaitCoroutine(read, name)));
 * });
 *
 * await convert(['a.png', 'b.png'], (name) => bucket.get(name));
 * ```
 */
export const syncWaitCoroutine: SyncWaitCoroutine = Object.assign(waitWith(noOptions), {
  with: (options: WaitOptions) => waitWith(waitOptions('syncWaitCoroutine', options)),
}) as SyncWaitCoroutine;

/** Makes a function that waits within the limits that `options` are. */
function waitWith(options: WaitOptions): (ref: unknown, ...args: unknown[]) => unknown {
  return function syncWaitCoroutine(ref, ...args) {
    if (typeof ref !== 'function')
      throw argumentError(
        `Cannot wait for a coroutine: expected a function, received ${ref === null ? 'null' : typeof ref}`,
      );
    if (!threadState()) throw wouldBlock(ref.name || 'the function');
    const handle = handleWait(ref);
    if (handle) return handle(args, options);
    const name = nameOnMain(ref);
    if (name === undefined) throw argumentError(notWaitable(ref));
    refuseWhileLoading(ref);
    const call = runningCall();
    if (!call) throw noCall(ref.name);
    return call.waitFor(name, args, options);
  };
}

/** While a module loads, no call may be made that would load it again, nor may a program's own file call main twice. */
function refuseWhileLoading(ref: Function): void {
  const loading = threadState()?.loading;
  if (loading === undefined) return;
  // A coroutine runs on the main side and needs no thread; a wrapped function does.
  const isWrapped = 'syncCall' in ref;
  if (isWrapped ? interruptLoad(ref.name) : isTrappedCall(ref.name)) throw reentry(loading, ref.name);
}

function notWaitable({ name }: Function): string {
  const what = name || 'the function';
  return `Cannot wait for ${what}: the main side does not know this function. Pass it as an argument of the call, or make it with coroutine()`;
}
