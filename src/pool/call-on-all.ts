/** Calls a function once in each thread of a pool. @module */

import { interruptLoad } from '../address/load/load.ts';
import { OffloopError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { threadState } from '../base/realm.ts';
import type { Call } from '../call/call.ts';
import { callWithin } from '../context/within.ts';
import { ownCall, wrappedFunction } from './own-call.ts';

/**
 * Submits a call of `fn` for each of `places` places; gives the results once all have settled.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `fn` is not a function that `threaded` has wrapped.
 * @throws {OffloopError} `ERR_OFFLOOP_DEADLOCK` in a callback of a running call, whose thread could not run `fn`.
 * @throws The error of the first call that rejects.
 */
export async function callOnAll<A extends unknown[], R>(
  places: number,
  submit: (call: Call) => void,
  fn: (...args: A) => Promise<R>,
  args: A,
): Promise<R[]> {
  const definition = wrappedFunction('run on all threads', fn);
  // While a thread loads the program's own file, treat this as a call of `fn`.
  if (threadState()?.loading !== undefined && interruptLoad(definition.name)) return new Promise(() => {});
  if (callWithin()) {
    const text = `Cannot run ${definition.name || 'the function'} on all threads from a callback of a call: the thread of that call waits for the callback`;
    throw new OffloopError('ERR_OFFLOOP_DEADLOCK', text);
  }
  const calls = Array.from({ length: places }, async (_, place) => {
    const call = ownCall(fn, args);
    call.place = place;
    submit(call);
    return call.promise as Promise<R>;
  });
  await Promise.allSettled(calls);
  return Promise.all(calls);
}
