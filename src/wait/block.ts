/** How the code of a thread blocks: for whatever it waits, it can be interrupted, and it counts as waiting. @module */

import { mostLooks, now } from '../base/clock.ts';
import { OffloopError } from '../base/errors.ts';
import { threadState } from '../base/realm.ts';
import { reasonOf } from '../base/signal.ts';
import { WaitWord } from './words.ts';
import { runningCall } from './running-call.ts';
import { waitedTooLong } from './wait-options.ts';
import type { WaitOptions } from './wait-options.ts';

/** How long a thread looks before it sleeps, in milliseconds: to be woken costs about as much. */
const hotTime = 0.05;

/** How many waits in a row do not look but sleep at once, at the most, after others that looked in vain. */
const mostSkipped = 256;

let skips = 0;
let nextSkips = 1;

/** How long it sleeps before it says so, in milliseconds: most waits are shorter, and to say it costs a message. */
const silentTime = 1;

let lastWait = 0;

/**
 * Blocks this thread until `attempt` gives anything but `undefined`, and gives that. `attempt` is made at once, and again
 * whenever `words[at]` has changed: whoever changes what it looks at adds to `words[at]` afterwards and notifies there.
 * Others may add to it at any time, for the thread to look again. `attempt` is told whether the thread sleeps after it, if
 * it gives nothing. `what` is what is waited for, in messages: `the lock`.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_WOULD_BLOCK` on the main side, before anything is attempted.
 * @throws {OffloopError} `ERR_OFFLOOP_TIMEOUT` after `timeout`.
 * @throws {OffloopError} `ERR_OFFLOOP_NEVER_SETTLES` if the main side has nothing left to do, and no other thread.
 * @throws `signal.reason`, or the reason for which the running call was given up.
 */
export function block<T>(
  words: Int32Array,
  at: number,
  attempt: (willSleep: boolean) => T | undefined,
  { timeout = Infinity, signal }: WaitOptions,
  what: string,
): T {
  if (!threadState()) throw wouldBlock(what);
  const call = runningCall();
  // What it waits for on its own lane, the main side knows already.
  let isTold = call === undefined || words === call.control;
  const wait = (lastWait += 1);
  const begin = now();
  call?.beginWait();
  const looksUntil = hotUntil(begin);
  let time = begin;
  let hasSlept = false;
  try {
    for (let looks = 0; ; looks += 1) {
      const willSleep = time >= looksUntil || looks > mostLooks;
      const seen = Atomics.load(words, at);
      const result = attempt(willSleep);
      if (result !== undefined) {
        if (looksUntil > begin) noteLook(begin, hasSlept);
        return result;
      }
      call?.look(wait);
      if (signal?.aborted) throw reasonOf(signal);
      time = now();
      const waited = time - begin;
      if (waited >= timeout) throw waitedTooLong(what, timeout);
      if (!willSleep) continue;
      hasSlept = true;
      if (!isTold && waited >= silentTime) {
        isTold = true;
        call?.sleeps(wait, words, at, timeout === Infinity);
        // The call may have been given up meanwhile, by a main side that did not know where to wake the thread.
        continue;
      }
      sleep(words, at, seen, Math.min(timeout - waited, isTold ? Infinity : silentTime), call?.control);
    }
  } finally {
    call?.endWait();
  }
}

/**
 * Until when a wait that begins now looks. Where no processor is free, who is waited for has to wait for the one that
 * looks: after looking in vain, twice as many waits each time do not look at all.
 */
function hotUntil(begin: number): number {
  if (skips === 0) return begin + hotTime;
  skips -= 1;
  return begin;
}

function noteLook(begin: number, wasInVain: boolean): void {
  if (!wasInVain) nextSkips = 1;
  else if (now() - begin < silentTime) {
    // What took longer was not there to be seen.
    skips = nextSkips;
    nextSkips = Math.min(mostSkipped, nextSkips * 2);
  }
}

function sleep(words: Int32Array, at: number, seen: number, time: number, control: Int32Array | undefined): void {
  // The main side wakes a thread on the lane only if that says that it sleeps there.
  const isOnLane = words === control;
  if (isOnLane) Atomics.store(words, WaitWord.asleep, 1);
  if (control) Atomics.store(control, WaitWord.sleepsAt, seen);
  Atomics.wait(words, at, seen, time);
  if (isOnLane) Atomics.store(words, WaitWord.asleep, 0);
}

/** The error for blocking where the loop that all else needs would be blocked. */
export function wouldBlock(what: string): OffloopError {
  return new OffloopError('ERR_OFFLOOP_WOULD_BLOCK', `Cannot wait for ${what} here: it would block the event loop`);
}
