/** A thread of a pool as its calls see it: whether it can take one, and what it has done. @module */

import { now } from '../../base/clock.ts';
import type { Lane } from '../../call/lane/lane.ts';

/**
 * A thread that takes calls from when it is ready until it is told to end, or was sent as many as it may start.
 *
 * Invariant: no call is sent once `isEnding` is true, nor while `isSpent` is.
 */
export abstract class ServingThread {
  abstract readonly lane: Lane;

  /** How many calls the thread may start. */
  readonly maxCalls: number;

  /** Whether the thread has started and `init` has run. */
  isReady = false;

  /** Whether the thread was told to end. */
  isEnding = false;

  /** Whether modules of the thread are out of date or half loaded: the thread ends as soon as it is free. */
  isStale = false;

  /** The time at which the thread became ready. */
  readySince = 0;

  /** How many calls were answered before the thread was ready (`init`), and how many milliseconds they ran. */
  #prepared = 0;
  #preparedIn = 0;

  constructor(maxCalls: number) {
    this.maxCalls = maxCalls;
  }

  /** Called when the thread has started and `init` has run. */
  protected becomeReady(): void {
    const { count, ran } = this.lane.answers;
    this.isReady = true;
    this.#prepared = count;
    this.#preparedIn = ran;
    this.readySince = now();
  }

  /** How many calls the thread has answered since it was ready. */
  get answered(): number {
    return this.lane.answers.count - this.#prepared;
  }

  /** How many milliseconds the functions of those calls ran. */
  get runTime(): number {
    return this.lane.answers.ran - this.#preparedIn;
  }

  /** Whether the thread was sent as many calls as it may start, without `init`. */
  get isSpent(): boolean {
    return this.maxCalls !== Infinity && this.answered + this.lane.load >= this.maxCalls;
  }

  /** Whether the thread takes calls. */
  get isServing(): boolean {
    return this.isReady && !this.isEnding;
  }

  /** Whether a call can be sent at once. */
  get isFree(): boolean {
    return this.isServing && this.lane.load === 0 && !this.lane.loads.isLoading && !this.isSpent;
  }

  /** Whether the thread {@link isFree}, and has the function `id`. */
  isIdleFor(id: number): boolean {
    const { lane } = this;
    if (!this.isReady || this.isEnding || lane.calls.size > 0 || !lane.loads.isReadyFor(id)) return false;
    return this.maxCalls === Infinity || !this.isSpent;
  }

  /** Whether a brief call of the function `id` can follow the calls that the thread has, if these are fewer than `most`. */
  takesBrief(id: number, most: number): boolean {
    if (!this.isReady || this.isEnding || this.isStale) return false;
    const { calls, loads } = this.lane;
    if (calls.brief !== calls.size || calls.size >= most || !loads.isReadyFor(id)) return false;
    return this.maxCalls === Infinity || !this.isSpent;
  }

  /** Whether the thread takes calls and has one to run. */
  get isBusy(): boolean {
    return this.isServing && this.lane.load > 0;
  }

  /** Whether the running call waits for an event that only another call or the main side can cause. */
  get isBlocked(): boolean {
    return this.isBusy && this.lane.standing.isBlocked;
  }
}
