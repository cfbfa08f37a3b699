/** An event that threads wait for. @module */

import type { WaitOptions } from '../wait/wait-options.ts';
import { defineHolding, mayHold } from '../wait/holders.ts';
import { WaitQueue, waitQueueWords, wakeAll } from './wait-queue.ts';
import { arriveAs, identityWords, Primitive, wordsOf } from './primitive.ts';

/** Words: how often the event was set or cleared, which is odd while it is set; the wait queue. */
const Word = { turns: identityWords, queue: identityWords + 1 } as const;

const wordCount = Word.queue + waitQueueWords;

/**
 * A flag that all threads see: something has happened, or not yet. An event crosses threads in arguments and results,
 * and is the same event there. It can be set and cleared any number of times; all waits that are pending when it is set
 * go on, even if it is cleared at once.
 *
 * On the main side, a wait with a timeout keeps the process alive until it ends; a wait without one does not. If a
 * thread ends, the event stays as it was.
 *
 * @example
 * ```ts
 * const work = threaded(function work(ready: Event) {
 *   ready.wait({ timeout: 1000 });
 *   return 'went on';
 * });
 * const ready = new Event();
 * const result = work(ready);
 * ready.set();
 * await result;
 * ```
 */
export class Event extends Primitive {
  readonly #words: Int32Array;
  readonly #queue: WaitQueue;

  constructor() {
    super('Event', () => new SharedArrayBuffer(wordCount * Int32Array.BYTES_PER_ELEMENT));
    this.#words = wordsOf(this, wordCount);
    this.#queue = new WaitQueue(this.#words, Word.queue, 'the event');
  }

  /** Whether the event is set now. */
  get isSet(): boolean {
    return (Atomics.load(this.#words, Word.turns) & 1) === 1;
  }

  /** Sets the event: all pending waits go on. Does nothing if it is set already. */
  set(): void {
    mayHold('event', this.#words);
    if (this.#turn(0)) this.#queue.wake();
  }

  /** Clears the event: further waits wait until it is set again. Does nothing if it is not set. */
  clear(): void {
    this.#turn(1);
  }

  /**
   * Blocks this thread until the event is set. Returns at once if it is.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_TIMEOUT` after `timeout`.
   * @throws {OffloopError} `ERR_OFFLOOP_NEVER_SETTLES` if no other thread is left that could end the wait.
   * @throws {OffloopError} `ERR_OFFLOOP_WOULD_BLOCK` on the main side; there, use {@link Event.waitAsync}.
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or has a wrong value.
   * @throws `signal.reason` if `signal` is aborted, or the reason for which the running call was given up.
   */
  wait(options?: WaitOptions): void {
    this.#queue.block(this.#watch(), options);
  }

  /**
   * Resolves once the event is set, at once if it is. Works in every thread.
   *
   * @throws As {@link Event.wait}, but never `ERR_OFFLOOP_WOULD_BLOCK`; `ERR_OFFLOOP_NEVER_SETTLES` only if a module's
   * top level awaits it and the process would end.
   */
  async waitAsync(options?: WaitOptions): Promise<void> {
    await this.#queue.wait(this.#watch(), options);
  }

  protected override facts(): object {
    return { set: this.isSet };
  }

  /** Makes a check whether the event is set, or was set since now. */
  #watch(): () => true | undefined {
    const before = Atomics.load(this.#words, Word.turns);
    return () => {
      const turns = Atomics.load(this.#words, Word.turns);
      return (turns & 1) === 1 || turns !== before ? true : undefined;
    };
  }

  /** Sets or clears the event if its state is `from`; gives whether this call did so. */
  #turn(from: 0 | 1): boolean {
    const turns = Atomics.load(this.#words, Word.turns);
    // If the exchange fails, another thread has done the same just before.
    return (turns & 1) === from && Atomics.compareExchange(this.#words, Word.turns, turns, (turns + 1) | 0) === turns;
  }
}

arriveAs('Event', () => new Event());

// The thread that set the event may have ended before it woke the threads that wait.
defineHolding('event', { recover: (words) => wakeAll(words, Word.queue), isHeldBy: () => false });
