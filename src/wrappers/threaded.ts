/** Wraps a function so that its calls run in a thread of a pool. @module */

import { ThreadPool } from '../pool/thread-pool.ts';
import { checks, plan } from './plan.ts';
import type { Settings, WrapperKind } from './plan.ts';
import { spellings } from './spellings.ts';
import type { ThreadedFunction } from './types.ts';
import type { Route } from './wrapper.ts';

/**
 * Wraps a blocking function: the wrapper runs it in a thread of a pool and returns a promise, so that the event loop
 * stays free. `f.syncCall(…)` runs the function here and now, as if it had not been wrapped. An `async` function may be
 * wrapped too; it holds its thread until it settles. A generator function is wrapped as `threadedIterable` does.
 *
 * Call `threaded` at the top level of a module: the thread imports the same module and finds the same function there.
 * Arguments are copied at the call, and results when the function returns. Calls of one priority start in the order in
 * which they were made. Inside a thread of the library, a call runs at once in that thread, without copies.
 *
 * An aborted call rejects with `signal.reason` at once; its thread is terminated and replaced unless the function was
 * given an `AbortSignal` and ends by itself. An error that the function throws arrives with its class, code,
 * properties, cause and both stacks.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `fn` is not a function, or an option is unknown or out of range.
 *
 * The promise rejects with what the function throws, with `signal.reason`, or with an `OffloopError`:
 * - `ERR_OFFLOOP_TIMEOUT`, `ERR_OFFLOOP_QUEUE_TIMEOUT`: the call ran or waited for too long.
 * - `ERR_OFFLOOP_QUEUE_FULL`, `ERR_OFFLOOP_CLOSED`: the pool did not take the call.
 * - `ERR_OFFLOOP_NOT_CLONEABLE`: an argument or the result cannot cross; the message has its path.
 * - `ERR_OFFLOOP_WORKER_EXIT`: the thread ended while it ran the call.
 * - `ERR_OFFLOOP_NO_MODULE`, `ERR_OFFLOOP_NOT_FOUND`, `ERR_OFFLOOP_CAPTURE`, `ERR_OFFLOOP_LOAD`,
 *   `ERR_OFFLOOP_TYPESCRIPT`, `ERR_OFFLOOP_REENTRY`, `ERR_OFFLOOP_BOOT`: a thread cannot find or load the function.
 *
 * @example
 * ```ts
 * export const fib = threaded(function fib(n: number): number {
 *   return n < 2 ? n : fib(n - 1) + fib(n - 2);
 * });
 *
 * await fib(30); // 832040, and the loop stayed free
 * ```
 */
export const threaded: ThreadedFunction = spellings('threaded', pooledRoute) as ThreadedFunction;

/** The route of calls to a pool. */
export function pooledRoute(of: WrapperKind, options: Settings): Route {
  const { pool: ownPool } = options;
  return {
    of,
    callChecks: checks[of].call,
    isInlineInThreads: true,
    plan: (call) => plan(options, call),
    executor: (call) => call?.pool ?? ownPool ?? ThreadPool.default,
  };
}
