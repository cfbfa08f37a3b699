/** Where threads wait for a change of a primitive, blocking or not. @module */

import { after } from '../base/clock.ts';
import { hasClock, holdForClock } from '../codec/clocked.ts';
import { onAbort } from '../codec/on-abort.ts';
import { Promise, waitAsync } from '../base/intrinsics.ts';
import { block } from '../wait/block.ts';
import { noOptions, waitedTooLong, waitOptions } from '../wait/wait-options.ts';
import type { WaitOptions } from '../wait/wait-options.ts';
import { forgetLoopWait, noteLoopWait } from '../wait/loop-waits.ts';
import type { EndlessPromise, LoopWait } from '../wait/loop-waits.ts';
import { callSignal } from '../wait/call-signal.ts';
import { threadState } from '../base/realm.ts';
import { reasonOf, throwIfAborted } from '../base/signal.ts';

/** How many words a place takes: one that every change adds to, and how many threads wait. */
export const placeWords = 2;

/** One wait of this thread's loop. */
interface Waiter extends EndlessPromise {
  /** Whether time alone ends it. */
  readonly isTimed: boolean;

  /** Tries; says whether the wait is over. */
  attempt(): boolean;
}

/** Lets all who wait at `at` look again, be it known that somebody waits or not. */
export function wakeAll(words: Int32Array, at: number): void {
  Atomics.add(words, at, 1);
  Atomics.notify(words, at);
}

/**
 * One place of one primitive, as this thread has it. All who wait are woken by each change and look again, so that none
 * is lost with a thread that ends; who waits in this thread's loop is served in order.
 *
 * Invariant: while there are waiters, and only then, they count as one in the words, and one `waitAsync` is out.
 */
export class Place implements LoopWait {
  readonly #words: Int32Array;
  readonly #at: number;
  readonly #what: string;
  readonly #waiters = new Set<Waiter>();
  #isListening = false;

  /** What was there when this thread's loop began to listen. */
  #seen = 0;

  /** `what` is what is waited for, in messages. */
  constructor(words: Int32Array, at: number, what: string) {
    this.#words = words;
    this.#at = at;
    this.#what = what;
  }

  /** Whether somebody waits in this thread's loop. */
  get isAwaited(): boolean {
    return this.#waiters.size > 0;
  }

  get isStirring(): boolean {
    return this.isAwaited && (!this.#isListening || Atomics.load(this.#words, this.#at) !== this.#seen);
  }

  get endless(): readonly EndlessPromise[] {
    return [...this.#waiters].filter(({ isTimed }) => !isTimed);
  }

  /** Lets those who wait in this thread's loop have what is there now. */
  serve(): void {
    this.#serve();
  }

  /** To be called after each change that somebody may wait for. */
  wake(): void {
    if (Atomics.load(this.#words, this.#at + 1) !== 0) wakeAll(this.#words, this.#at);
  }

  /** Blocks until `attempt` gives anything but `undefined`. */
  block<T>(attempt: () => T | undefined, given: WaitOptions = noOptions): T {
    const options = waitOptions('a wait', given);
    throwIfAborted(options.signal);
    const first = threadState() && attempt();
    if (first !== undefined) return first;
    Atomics.add(this.#words, this.#at + 1, 1);
    try {
      return block({ words: this.#words, at: this.#at }, attempt, options, this.#what);
    } finally {
      Atomics.sub(this.#words, this.#at + 1, 1);
    }
  }

  /** Resolves once `attempt` gives anything but `undefined`, after those who came before. */
  async wait<T>(attempt: () => T | undefined, given: WaitOptions = noOptions): Promise<T> {
    const options = waitOptions('a wait', given);
    throwIfAborted(options.signal);
    const first = this.isAwaited ? undefined : attempt();
    return first === undefined ? this.#enqueue(attempt, options) : first;
  }

  #enqueue<T>(attempt: () => T | undefined, { timeout = Infinity, signal }: WaitOptions): Promise<T> {
    return new Promise((resolve, reject) => {
      const call = callSignal();
      throwIfAborted(call);
      const stops: (() => void)[] = [];
      const leave = (): void => {
        for (const stop of stops) stop();
        this.#remove(waiter);
      };
      const waiter: Waiter = {
        isTimed: timeout !== Infinity || hasClock(signal),
        resolve,
        reject,
        attempt() {
          const result = attempt();
          if (result === undefined) return false;
          leave();
          resolve(result);
          return true;
        },
        fail(reason) {
          leave();
          reject(reason);
        },
      };
      if (timeout !== Infinity) stops.push(failLater(waiter, timeout, this.#what));
      for (const it of new Set([signal, call])) if (it) stops.push(onAbort(it, () => waiter.fail(reasonOf(it))));
      // Threads live as long as the main side has calls for them.
      if (signal && !threadState()) stops.push(holdForClock(signal));
      this.#waiters.add(waiter);
      if (this.#waiters.size === 1) this.#begin();
      this.#serve();
    });
  }

  #begin(): void {
    Atomics.add(this.#words, this.#at + 1, 1);
    // Threads are no main side of those that wait in other threads.
    if (!threadState()) noteLoopWait(this);
  }

  #remove(waiter: Waiter): void {
    if (!this.#waiters.delete(waiter) || this.#waiters.size > 0) return;
    Atomics.sub(this.#words, this.#at + 1, 1);
    forgetLoopWait(this);
    // What is out for nobody would keep this alive until the next change.
    if (this.#isListening) wakeAll(this.#words, this.#at);
  }

  /** Serves those who wait, in order, and listens for the next change. */
  #serve(): void {
    for (;;) {
      const seen = Atomics.load(this.#words, this.#at);
      for (const waiter of this.#waiters) if (!tryTo(waiter)) break;
      if (this.#isListening || this.#waiters.size === 0) return;
      const { async: isAsync, value } = waitAsync(this.#words, this.#at, seen);
      if (!isAsync) continue;
      this.#isListening = true;
      this.#seen = seen;
      void this.#heard(value);
      return;
    }
  }

  async #heard(change: Promise<string> | string): Promise<void> {
    await change;
    this.#isListening = false;
    this.#serve();
  }
}

/** Lets `waiter` fail after `timeout` milliseconds, for which the process lives on, unless what it gives is called. */
function failLater(waiter: Waiter, timeout: number, what: string): () => void {
  const timer = after(timeout, () => waiter.fail(waitedTooLong(what, timeout)));
  if (!threadState()) timer.hold();
  return () => timer.cancel();
}

/** Whether the wait is over, by a result or by an error. */
function tryTo(waiter: Waiter): boolean {
  try {
    return waiter.attempt();
  } catch (error) {
    waiter.fail(error);
    return true;
  }
}
