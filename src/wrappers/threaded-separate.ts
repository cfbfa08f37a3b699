/** Wraps a function so that each call runs in a dedicated thread. @module */

import type { Call } from '../call/call.ts';
import { borrowThread, lendThreadsBy } from '../wire/thread-source.ts';
import { DedicatedThreads } from '../threads/dedicated.ts';
import { runSeparately } from '../threads/separate-call.ts';
import { shared, threadState } from '../base/realm.ts';
import { checks, plan } from './plan.ts';
import type { Settings, WrapperKind } from './plan.ts';
import { spellings } from './spellings.ts';
import type { ThreadedSeparateFunction } from './types.ts';
import type { Route } from './wrapper.ts';

const threads = shared('dedicated', () => ({ current: undefined as DedicatedThreads | undefined }));

function dedicated(): DedicatedThreads {
  return (threads.current ??= new DedicatedThreads());
}

lendThreadsBy((wish) => dedicated().take(wish));

/**
 * As {@link threaded}, but each call has a dedicated thread, which ends with the call: for work that is long, may hang,
 * or must not share module state. At most 16 calls run at once (see `configure`); further calls wait by priority, then
 * in order of arrival. After the first call one thread is kept ready, so that the next call does not wait for a thread
 * to start.
 *
 * With `detach: true` a pending call does not keep the process alive. A call made inside a thread of the library gets a
 * dedicated thread too, beyond that bound; it ends, at the latest, with the thread that made the call.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT`, as `threaded` does; the promise rejects as that of `threaded` does.
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
  separateRoute,
) as ThreadedSeparateFunction;

/** The route of calls to dedicated threads. */
export function separateRoute(of: WrapperKind, options: Settings): Route {
  return {
    of,
    callChecks: checks[of].call,
    isInlineInThreads: false,
    plan: (call) => plan(options, call),
    executor: () => (threadState() ? borrowing : dedicated()),
  };
}

/** Runs calls that are made in a thread; the main side lends another thread for each. */
const borrowing = { submit: (call: Call): void => void runBorrowed(call) };

async function runBorrowed(call: Call): Promise<void> {
  try {
    call.lent?.keep();
    const { url } = call.definition.record ?? {};
    await runSeparately(call, async () => borrowThread({ url, argv: call.plan.argv }));
  } catch (error) {
    call.fail(error);
  }
}
