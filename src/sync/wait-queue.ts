/** The wait queue of a primitive: threads wait in it for a change, blocking or not. @module */

import { after } from '../base/clock.ts';
import { hasClock, holdForClock } from '../codec/live/clocked.ts';
import { onAbort } from '../codec/live/on-abort.ts';
import { Promise, waitAsync } from '../base/intrinsics.ts';
import { block } from '../wait/block.ts';
import { noOptions, waitedTooLong, waitOptions } from '../wait/wait-options.ts';
import type { WaitOptions } from '../wait/wait-options.ts';
import { forgetLoopWait, noteLoopWait } from '../wait/loop-waits.ts';
import type { EndlessPromise, LoopWait } from '../wait/loop-waits.ts';
import { callSignal } from '../wait/call-signal.ts';
import { threadState } from '../base/realm.ts';
import { reasonOf, throwIfAborted } from '../base/signal.ts';

/** How many words a wait queue takes: one that every wake-up adds to, and the number of waiting threads. */
export const waitQueueWords = 2;

/** One asynchronous wait of this thread. */
interface Waiter extends EndlessPromise {
  /** Whether a timeout ends the wait at some time. */
  readonly isTimed: boolean;

  /** Tries to end the wait; gives whether it is over. */
  attempt(): boolean;
}

/** Wakes all threads that wait in the queue at `at`, even if none is counted as waiting. */
export function wakeAll(words: Int32Array, at: number): void {
  Atomics.add(words, at, 1);
  Atomics.notify(words, at);
}

/**
 * This thread's end of a wait queue. Each change wakes all waiting threads, which try again: so no wake-up is lost with
 * a thread that ends. The asynchronous waits of one thread are served in order.
 *
 * Invariant: while this thread has asynchronous waits, and only then, it counts as one waiting thread in the words, and
 * one `waitAsync` is pending.
 */
export class WaitQueue implements LoopWait {
  readonly #words: Int32Array;
  readonly #at: number;
  readonly #what: string;
  readonly #waiters = new Set<Waiter>();
  #isListening = false;

  /** The value of the word when this thread's event loop began to listen. */
  #seen = 0;

  /** `what` names the awaited thing in error messages. */
  constructor(words: Int32Array, at: number, what: string) {
    this.#words = words;
    this.#at = at;
    this.#what = what;
  }

  /** Whether this thread has asynchronous waits. */
  get isAwaited(): boolean {
    return this.#waiters.size > 0;
  }

  get isStirring(): boolean {
    return this.isAwaited && (!this.#isListening || Atomics.load(this.#words, this.#at) !== this.#seen);
  }

  get endless(): readonly EndlessPromise[] {
    return [...this.#waiters].filter(({ isTimed }) => !isTimed);
  }

  /** Lets the asynchronous waits of this thread try now. */
  serve(): void {
    this.#serve();
  }

  /** Wakes all waiting threads, if there are any; called after each change of the primitive. */
  wake(): void {
    if (Atomics.load(this.#words, this.#at + 1) !== 0) wakeAll(this.#words, this.#at);
  }

  /** Blocks this thread until `attempt` gives anything but `undefined`. */
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

  /** Resolves once `attempt` gives anything but `undefined`; earlier waits of this thread are served first. */
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
      // Only the main side has to keep its event loop alive: a thread lives until the main side ends it.
      if (signal && !threadState()) stops.push(holdForClock(signal));
      this.#waiters.add(waiter);
      if (this.#waiters.size === 1) this.#begin();
      this.#serve();
    });
  }

  #begin(): void {
    Atomics.add(this.#words, this.#at + 1, 1);
    // Only the main side looks for waits that will never end.
    if (!threadState()) noteLoopWait(this);
  }

  #remove(waiter: Waiter): void {
    if (!this.#waiters.delete(waiter) || this.#waiters.size > 0) return;
    Atomics.sub(this.#words, this.#at + 1, 1);
    forgetLoopWait(this);
    // A `waitAsync` that is left pending would keep this object alive until the next change.
    if (this.#isListening) wakeAll(this.#words, this.#at);
  }

  /** Lets the asynchronous waits try, in order, and listens for the next change. */
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

/** Lets `waiter` fail after `timeout` milliseconds, and keeps the process alive until then; gives the cancellation. */
function failLater(waiter: Waiter, timeout: number, what: string): () => void {
  const timer = after(timeout, () => waiter.fail(waitedTooLong(what, timeout)));
  if (!threadState()) timer.hold();
  return () => timer.cancel();
}

/** Lets `waiter` try; gives whether its wait is over, by a result or by an error. */
function tryTo(waiter: Waiter): boolean {
  try {
    return waiter.attempt();
  } catch (error) {
    waiter.fail(error);
    return true;
  }
}
