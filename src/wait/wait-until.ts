/** The one loop in which a thread blocks: it looks for a moment, and sleeps then. @module */

import { availableParallelism } from 'node:os';
import { mostLooks, now } from '../base/clock.ts';
import { Backoff } from './backoff.ts';
import { WaitWord } from './words.ts';

/** How long a thread looks before it sleeps, in milliseconds: to be woken costs about as much. */
const hotTime = availableParallelism() > 1 ? 0.05 : 0;

/** A wait that takes longer, in milliseconds, is not one for which looking could have been enough. */
const longWait = 1;

/** Of this thread's waits: after looks in vain, some waits sleep at once. */
const backoff = new Backoff();

/** The word on which a thread sleeps. */
export interface WaitPlace {
  readonly words: Int32Array;
  readonly at: number;

  /**
   * Where the word is no count of changes but says whether the thread is to be woken: what it says then. It is written
   * before the last look, and the thread sleeps only while nobody has taken it away.
   */
  readonly mark?: number | undefined;
}

/** What a thread blocks for. */
export interface Wait<T> {
  readonly place: WaitPlace;

  /** Gives what is waited for, or `undefined`. */
  attempt(): T | undefined;

  /**
   * Called after each attempt that gave nothing, with the time since the wait began. Gives how long the thread may sleep
   * until the next attempt, in milliseconds; may throw, which ends the wait.
   */
  pause?(waited: number, willSleep: boolean): number;

  /** The words of this thread's lane, if there is one: they say where it sleeps. */
  readonly control?: Int32Array | undefined;
}

/**
 * Blocks this thread until `attempt` gives something, and gives that. It is attempted at once, again and again for 50 µs,
 * and then whenever the word of its place has changed: whoever changes what is waited for changes the word afterwards, by
 * adding to it or by taking its mark away, and notifies there. The thread sleeps only while the word is as it was before
 * the attempt.
 */
export function waitUntil<T>(wait: Wait<T>): T {
  const { place, control } = wait;
  const { words, at, mark } = place;
  const begin = now();
  const looksUntil = backoff.skips() ? begin : begin + hotTime;
  let waited = 0;
  let hasSlept = false;
  for (let looks = 0; ; looks += 1) {
    const willSleep = begin + waited >= looksUntil || looks > mostLooks;
    if (willSleep && mark !== undefined) Atomics.store(words, at, mark);
    const seen = mark ?? Atomics.load(words, at);
    const result = wait.attempt();
    if (result !== undefined) {
      if (looksUntil > begin) note(hasSlept, begin);
      return result;
    }
    waited = now() - begin;
    const longest = wait.pause?.(waited, willSleep) ?? Infinity;
    if (!willSleep || longest <= 0) continue;
    hasSlept = true;
    sleep(words, at, seen, longest, control);
  }
}

/** What the looks of a wait have been good for. */
function note(hasSlept: boolean, begin: number): void {
  if (!hasSlept) backoff.found();
  else if (now() - begin < longWait) backoff.missed();
}

function sleep(words: Int32Array, at: number, seen: number, longest: number, control: Int32Array | undefined): void {
  // The main side wakes a thread on the lane only if that says that it sleeps there.
  const isOnLane = words === control;
  if (isOnLane) Atomics.store(words, WaitWord.asleep, 1);
  if (control) Atomics.store(control, WaitWord.sleepsAt, seen);
  Atomics.wait(words, at, seen, longest);
  if (isOnLane) Atomics.store(words, WaitWord.asleep, 0);
}
