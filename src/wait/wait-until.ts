/** The one loop in which a thread blocks: it spins for a moment, and then sleeps. @module */

import { availableParallelism } from 'node:os';
import { mostLooks, now } from '../base/clock.ts';
import { Backoff } from './backoff.ts';
import { WaitWord } from './words.ts';

/** How long a thread spins before it sleeps, in milliseconds: a wake-up costs about as much. */
const spinTime = availableParallelism() > 1 ? 0.05 : 0;

/** Spinning could not have caught a wait longer than this, in milliseconds, so such a wait does not count as a miss. */
const longWait = 1;

/** The back-off of this thread: after spins that found nothing, some waits sleep without spinning. */
const backoff = new Backoff();

/** The word on which a thread sleeps. */
export interface WaitPlace {
  readonly words: Int32Array;
  readonly at: number;

  /**
   * For a word that is not a count of changes but a flag, the value that means "wake the thread". It is written before
   * the last attempt; the thread sleeps only while the word still has this value.
   */
  readonly mark?: number | undefined;
}

/** One blocking wait. */
export interface Wait<T> {
  readonly place: WaitPlace;

  /** Gives the result of the wait, or `undefined` if it is not there yet. */
  attempt(): T | undefined;

  /**
   * Called after each attempt that gave nothing, with the time since the wait began. Gives how long the thread may
   * sleep until the next attempt, in milliseconds; may throw, which ends the wait.
   */
  pause?(waited: number, willSleep: boolean): number;

  /**
   * The shared words of this thread's lane, if there is one: the thread notes there that it sleeps, and on which value.
   */
  readonly control?: Int32Array | undefined;
}

/**
 * Blocks this thread until `attempt` gives a result, and gives that. Attempts at once, then repeatedly for 50 µs, and
 * then each time that the word of `place` has changed. Code that makes the result available has to change the word
 * afterwards, by adding to it or by resetting its mark, and to notify it. The thread sleeps only while the word is as
 * it was before the attempt.
 */
export function waitUntil<T>(wait: Wait<T>): T {
  const { place, control } = wait;
  const { words, at, mark } = place;
  const begin = now();
  const spinsUntil = backoff.skips() ? begin : begin + spinTime;
  let waited = 0;
  let hasSlept = false;
  for (let looks = 0; ; looks += 1) {
    const willSleep = begin + waited >= spinsUntil || looks > mostLooks;
    if (willSleep && mark !== undefined) Atomics.store(words, at, mark);
    const seen = mark ?? Atomics.load(words, at);
    const result = wait.attempt();
    if (result !== undefined) {
      if (spinsUntil > begin) note(hasSlept, begin);
      return result;
    }
    waited = now() - begin;
    const longest = wait.pause?.(waited, willSleep) ?? Infinity;
    if (!willSleep) {
      // Only a change of the word can make the next attempt succeed; a word with a mark says so only once it is asleep.
      if (mark === undefined) looks = spin(words, at, seen, spinsUntil, looks);
      continue;
    }
    if (longest <= 0) continue;
    hasSlept = true;
    sleep(words, at, seen, longest, control);
  }
}

/** Tells the back-off whether spinning was enough. */
function note(hasSlept: boolean, begin: number): void {
  if (!hasSlept) backoff.found();
  else if (now() - begin < longWait) backoff.missed();
}

/** Spins until `words[at]` is no longer `seen`, or it is time to sleep; gives how often it has looked in all. */
function spin(words: Int32Array, at: number, seen: number, until: number, looked: number): number {
  let looks = looked;
  while (Atomics.load(words, at) === seen && looks <= mostLooks && now() < until) looks += 1;
  return looks;
}

function sleep(words: Int32Array, at: number, seen: number, longest: number, control: Int32Array | undefined): void {
  // The main side notifies the words of the lane only if `asleep` is set.
  const isOnLane = words === control;
  if (isOnLane) Atomics.store(words, WaitWord.asleep, 1);
  if (control) Atomics.store(control, WaitWord.sleepsAt, seen);
  Atomics.wait(words, at, seen, longest);
  if (isOnLane) Atomics.store(words, WaitWord.asleep, 0);
}
