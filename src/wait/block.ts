/** How the code of a thread blocks: for whatever it waits, it can be interrupted, and it counts as waiting. @module */

import { OffloopError } from '../base/errors.ts';
import { threadState } from '../base/realm.ts';
import { reasonOf } from '../base/signal.ts';
import { runningCall } from './running-call.ts';
import { waitedTooLong } from './wait-options.ts';
import type { WaitOptions } from './wait-options.ts';
import { waitUntil } from './wait-until.ts';
import type { WaitPlace } from './wait-until.ts';

/** How long a thread sleeps before it tells the main side, in milliseconds: most waits are shorter, and a message costs. */
const silentTime = 1;

let lastWait = 0;

/**
 * Blocks this thread at `place` until `attempt` gives anything but `undefined`, and gives that: see {@link waitUntil}. Others
 * may add to the word there at any time, for the thread to look again. `what` is what is waited for, in messages: `the lock`.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_WOULD_BLOCK` on the main side, before anything is attempted.
 * @throws {OffloopError} `ERR_OFFLOOP_TIMEOUT` after `timeout`.
 * @throws {OffloopError} `ERR_OFFLOOP_NEVER_SETTLES` if the main side has nothing left to do, and no other thread.
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
  // What it waits for on its own lane, the main side knows already.
  let isTold = call === undefined || place.words === control;
  const wait = (lastWait += 1);
  const pause = (waited: number, willSleep: boolean): number => {
    call?.look(wait);
    if (signal?.aborted) throw reasonOf(signal);
    if (waited >= timeout) throw waitedTooLong(what, timeout);
    if (!willSleep || isTold || waited < silentTime) return Math.min(timeout - waited, isTold ? Infinity : silentTime);
    isTold = true;
    call?.sleeps(wait, place.words, place.at, timeout === Infinity);
    // The call may have been given up meanwhile, by a main side that did not know where to wake the thread.
    return 0;
  };
  call?.beginWait();
  try {
    return waitUntil({ place, attempt, pause, control });
  } finally {
    call?.endWait();
  }
}

/** The error for blocking where the loop that all else needs would be blocked. */
export function wouldBlock(what: string): OffloopError {
  return new OffloopError('ERR_OFFLOOP_WOULD_BLOCK', `Cannot wait for ${what} here: it would block the event loop`);
}
