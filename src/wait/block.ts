/** Blocks the user's code in a thread: the wait can be interrupted, and the thread counts as waiting. @module */

import { OffloopError } from '../base/errors.ts';
import { threadState } from '../base/realm.ts';
import { reasonOf } from '../base/signal.ts';
import { runningCall } from './running-call.ts';
import { waitedTooLong } from './wait-options.ts';
import type { WaitOptions } from './wait-options.ts';
import { waitUntil } from './wait-until.ts';
import type { WaitPlace } from './wait-until.ts';

/**
 * How long a thread waits before it tells the main side, in milliseconds: most waits are shorter and need no message.
 */
const silentTime = 1;

let lastWait = 0;

/**
 * Blocks this thread at `place` until `attempt` gives anything but `undefined`, and gives that: see {@link waitUntil}.
 * Other threads may add to the word of `place` at any time, to make this thread attempt again. `what` names the awaited
 * thing in error messages: `the lock`.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_WOULD_BLOCK` on the main side, before anything is attempted.
 * @throws {OffloopError} `ERR_OFFLOOP_TIMEOUT` after `timeout`.
 * @throws {OffloopError} `ERR_OFFLOOP_NEVER_SETTLES` if neither the main side nor another thread has anything left to
 * do.
 * @throws `signal.reason`, or the reason for which the running call was given up.
 */
export function block<T>(
  place: WaitPlace,
  attempt: () => T | undefined,
  { timeout = Infinity, signal }: WaitOptions,
  what: string,
): T {
  if (!threadState()) throw wouldBlock(what);
  const call = runningCall();
  const control = call?.control;
  // The main side knows already of a wait for an answer on the thread's own lane.
  let isTold = call === undefined || place.words === control;
  const wait = (lastWait += 1);
  const pause = (waited: number, willSleep: boolean): number => {
    call?.look(wait);
    if (signal?.aborted) throw reasonOf(signal);
    if (waited >= timeout) throw waitedTooLong(what, timeout);
    if (!willSleep || isTold || waited < silentTime) return Math.min(timeout - waited, isTold ? Infinity : silentTime);
    isTold = true;
    call?.sleeps(wait, place.words, place.at, timeout === Infinity);
    // Attempt once more before sleeping: the main side may have given the call up before it knew where to wake the
    // thread.
    return 0;
  };
  call?.beginWait();
  try {
    return waitUntil({ place, attempt, pause, control });
  } finally {
    call?.endWait();
  }
}

/** Makes the error for a blocking wait on the main side. */
export function wouldBlock(what: string): OffloopError {
  return new OffloopError(
    'ERR_OFFLOOP_WOULD_BLOCK',
    `Cannot wait for ${what} on the main side: that would block its event loop`,
  );
}
