/** Wraps a function so that each call runs in a thread of its own. @module */

import { DedicatedThreads } from '../pool/dedicated.ts';
import { shared } from '../realm.ts';
import { checks, plan } from './plan.ts';
import type { Settings } from './plan.ts';
import { spellings } from './spellings.ts';
import type { ThreadedSeparateFunction } from './types.ts';
import type { Route } from './wrapper.ts';

/** How many calls may have a thread at once; more than that wait in line. */
const maxWorkers = 16;

const threads = shared('dedicated', () => ({ current: undefined as DedicatedThreads | undefined }));

/**
 * As {@link threaded}, but each call has a thread of its own, which ends with the call: for work that is long, may hang,
 * or must not share module state. At most 16 run at once; more wait, first come, first served within a priority. After
 * the first call one thread is kept ready, so that the next call does not wait for a thread to start.
 *
 * With `detach: true` a pending call does not keep the process alive. Inside a thread of the library a call gets a
 * thread of its own, too.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`, as `threaded` does; the promise rejects as its promise does.
 *
 * @example
 * ```ts
 * export const crunch = threadedSeparate(function crunch(rounds: number) {
 *   let sum = 0;
 *   for (let i = 0; i < rounds; i += 1) sum += Math.sqrt(i);
 *   return sum;
 * });
 *
 * await crunch.with({ timeout: 60_000 })(1e9);
 * ```
 */
export const threadedSeparate: ThreadedSeparateFunction = spellings(
  'threadedSeparate',
  route,
) as ThreadedSeparateFunction;

function route(options: Settings): Route {
  return {
    of: 'threadedSeparate',
    callChecks: checks.threadedSeparate.call,
    isInlineInThreads: false,
    plan: (call) => plan(options, call),
    submit: (call) => (threads.current ??= new DedicatedThreads({ maxWorkers, spare: 1 })).submit(call),
  };
}
