/** A lock between threads. @module */

import { OffloopError } from '../base/errors.ts';
import type { WaitOptions } from '../wait/wait-options.ts';
import { defineHolding, mayHold } from '../wait/holders.ts';
import { Pass } from './pass.ts';
import { WaitQueue, waitQueueWords, wakeAll } from './wait-queue.ts';
import { arriveAs, identityWords, Primitive, self, wordsOf } from './primitive.ts';

/** Words: the thread that holds the lock, how often the lock was acquired, and the wait queue. */
const Word = { owner: identityWords, turn: identityWords + 1, queue: identityWords + 2 } as const;

const wordCount = Word.queue + waitQueueWords;

/** Values of `owner` that are no thread: the lock is free; its holder ended while holding it. */
const FREE = 0;
const ABANDONED = -1;

/**
 * A mutual-exclusion lock, which one thread holds at a time. A lock crosses threads in arguments and results, and is
 * the same lock there. The thread that acquired it holds it; the `async` functions of one thread exclude each other
 * too. No order is promised among threads; the asynchronous waits of one thread are served in order.
 *
 * If a thread ends while it holds the lock, the lock becomes free, and the next attempt to acquire it throws
 * `ERR_OFFLOOP_ABANDONED`, once, so that the program can check the data that the lock protects. On the main side, a
 * wait with a timeout keeps the process alive until it ends; a wait without one does not.
 *
 * @example
 * ```ts
 * const add = threaded(function add(lock: Lock, balance: Float64Array, amount: number) {
 *   using pass = lock.acquire();
 *   balance[0] += amount;
 * });
 * const lock = new Lock();
 * const balance = new Float64Array(new SharedArrayBuffer(8));
 * await Promise.all([add(lock, balance, 5), add(lock, balance, 7)]);
 * await using pass = await lock.acquireAsync();
 * console.log(balance[0]);
 * ```
 */
export class Lock extends Primitive {
  readonly #words: Int32Array;
  readonly #queue: WaitQueue;

  constructor() {
    super('Lock', () => new SharedArrayBuffer(wordCount * Int32Array.BYTES_PER_ELEMENT));
    this.#words = wordsOf(this, wordCount);
    this.#queue = new WaitQueue(this.#words, Word.queue, 'the lock');
  }

  /** Whether any thread holds the lock now. */
  get isHeld(): boolean {
    return Atomics.load(this.#words, Word.owner) > FREE;
  }

  /**
   * Blocks this thread until it holds the lock. Dispose of the returned pass to release the lock, or call
   * {@link Lock.release}. After an error this thread does not hold the lock.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_ABANDONED`, once after a thread ended that held the lock, which is free now.
   * @throws {OffloopError} `ERR_OFFLOOP_DEADLOCK` if this very thread holds the lock, and so could not release it.
   * @throws {OffloopError} `ERR_OFFLOOP_TIMEOUT` after `timeout`.
   * @throws {OffloopError} `ERR_OFFLOOP_NEVER_SETTLES` if no other thread is left that could end the wait.
   * @throws {OffloopError} `ERR_OFFLOOP_WOULD_BLOCK` on the main side; there, use {@link Lock.acquireAsync}.
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or has a wrong value.
   * @throws `signal.reason` if `signal` is aborted, or the reason for which the running call was given up.
   */
  acquire(options?: WaitOptions): Pass {
    return this.#queue.block(() => {
      const pass = this.tryAcquire();
      if (pass || Atomics.load(this.#words, Word.owner) !== self) return pass;
      const text = 'Cannot acquire the lock: this thread holds it already, and could not release it while it waits';
      throw new OffloopError('ERR_OFFLOOP_DEADLOCK', text);
    }, options);
  }

  /**
   * Resolves once this thread holds the lock, with the pass that releases it. Works in every thread; if this thread
   * holds the lock already, waits until that is released.
   *
   * @throws As {@link Lock.acquire}, but never `ERR_OFFLOOP_DEADLOCK` or `ERR_OFFLOOP_WOULD_BLOCK`;
   * `ERR_OFFLOOP_NEVER_SETTLES` only if a module's top level awaits it and the process would end.
   */
  async acquireAsync(options?: WaitOptions): Promise<Pass> {
    return this.#queue.wait(() => this.tryAcquire(), options);
  }

  /**
   * Acquires the lock if it is free; returns `undefined` if any thread holds it, also this one.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_ABANDONED`, once after a thread ended that held the lock, which is free now.
   */
  tryAcquire(): Pass | undefined {
    const words = this.#words;
    mayHold('lock', words);
    const owner = Atomics.compareExchange(words, Word.owner, FREE, self);
    if (owner === FREE) {
      const turn = (Atomics.add(words, Word.turn, 1) + 1) | 0;
      return new Pass(() => {
        if (Atomics.load(words, Word.turn) === turn) this.#giveBack();
      });
    }
    if (owner !== ABANDONED || Atomics.compareExchange(words, Word.owner, ABANDONED, FREE) !== ABANDONED)
      return undefined;
    this.#queue.wake();
    const text = 'Cannot acquire the lock: the thread that held it has ended, so check the data that the lock protects';
    throw new OffloopError('ERR_OFFLOOP_ABANDONED', text);
  }

  /**
   * Releases the lock.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_NOT_HELD` if this thread does not hold it.
   */
  release(): void {
    if (!this.#giveBack())
      throw new OffloopError('ERR_OFFLOOP_NOT_HELD', 'Cannot release the lock: this thread does not hold it');
  }

  protected override facts(): object {
    return { held: this.isHeld };
  }

  #giveBack(): boolean {
    if (Atomics.compareExchange(this.#words, Word.owner, self, FREE) !== self) return false;
    this.#queue.wake();
    return true;
  }
}

arriveAs('Lock', () => new Lock());

defineHolding('lock', {
  recover(words, threadId) {
    Atomics.compareExchange(words, Word.owner, threadId + 1, ABANDONED);
    // The thread may also have ended between releasing the lock and waking the others.
    wakeAll(words, Word.queue);
  },
  isHeldBy: (words, threadId) => Atomics.load(words, Word.owner) === threadId + 1,
});
