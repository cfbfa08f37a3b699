/** A semaphore between threads. @module */

import { argumentError, OffloopError } from '../base/errors.ts';
import type { WaitOptions } from '../wait/wait-options.ts';
import { defineHolding, mayHold } from '../wait/holders.ts';
import { count as countCheck } from '../base/options.ts';
import { Pass } from './pass.ts';
import { BEATEN, BUSY, holdsPermits, Permits, recoverPermits, TAKEN, Word, wordCount } from './permits.ts';
import { WaitQueue } from './wait-queue.ts';
import { arriveAs, Primitive, wordsOf } from './primitive.ts';

const mostPermits = 2 ** 30;

/** How often {@link Semaphore.tryAcquire} tries while other threads have the lock. */
const mostTries = 100;

const check = countCheck(1);

/**
 * A counting semaphore: threads acquire and release its permits, so that at most as many do something at once. A
 * semaphore crosses threads in arguments and results, and is the same semaphore there. Any thread may release a permit,
 * also one that another thread has acquired. No order is promised among threads; the asynchronous waits of one thread
 * are served in order.
 *
 * If a thread ends while it holds permits, these become free, and the next attempt to acquire one throws
 * `ERR_OFFLOOP_ABANDONED`, once. At most 64 threads that hold permits at once are recorded for that; the permits of
 * further threads are lost if these end. On the main side, a wait with a timeout keeps the process alive until it ends;
 * a wait without one does not.
 *
 * @example
 * ```ts
 * const build = threaded(function build(slots: Semaphore, names: string[]) {
 *   return names.map((name) => {
 *     using pass = slots.acquire();
 *     return execFileSync('make', [name], { encoding: 'utf8' });
 *   });
 * });
 * const slots = new Semaphore(2);
 * await Promise.all([build(slots, ['a', 'b']), build(slots, ['c']), build(slots, ['d'])]);
 * ```
 */
export class Semaphore extends Primitive {
  readonly #words: Int32Array;
  readonly #permits: Permits;
  readonly #queue: WaitQueue;

  /**
   * Makes a semaphore of `count` permits, all free: a whole number from 1 to 2^30.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if it is not.
   */
  constructor(count: number) {
    const words = check(count) ?? (count > mostPermits ? `at most ${mostPermits}` : undefined);
    if (words) throw argumentError(`Cannot make a semaphore: expected ${words}, received ${String(count)}`);
    super('Semaphore', () => permitMemory(count));
    this.#words = wordsOf(this, wordCount);
    this.#permits = new Permits(this.#words);
    this.#queue = new WaitQueue(this.#words, Word.queue, 'a permit of the semaphore');
  }

  /** How many permits are free now. */
  get value(): number {
    return this.#permits.free;
  }

  /**
   * Blocks this thread until it has a permit. Dispose of the returned pass to release the permit, or call
   * {@link Semaphore.release}. After an error this thread has no further permit.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_ABANDONED`, once after a thread ended that held permits, which are free now.
   * @throws {OffloopError} `ERR_OFFLOOP_TIMEOUT` after `timeout`.
   * @throws {OffloopError} `ERR_OFFLOOP_NEVER_SETTLES` if no other thread is left that could end the wait.
   * @throws {OffloopError} `ERR_OFFLOOP_WOULD_BLOCK` on the main side; there, use {@link Semaphore.acquireAsync}.
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or has a wrong value.
   * @throws `signal.reason` if `signal` is aborted, or the reason for which the running call was given up.
   */
  acquire(options?: WaitOptions): Pass {
    return this.#queue.block(() => this.#attempt(1), options);
  }

  /**
   * Resolves once this thread has a permit, with the pass that releases it. Works in every thread.
   *
   * @throws As {@link Semaphore.acquire}, but never `ERR_OFFLOOP_WOULD_BLOCK`; `ERR_OFFLOOP_NEVER_SETTLES` only if a
   * module's top level awaits it and the process would end.
   */
  async acquireAsync(options?: WaitOptions): Promise<Pass> {
    return this.#queue.wait(() => this.#attempt(1), options);
  }

  /**
   * Acquires a permit if one is free; returns `undefined` if none is. May also return `undefined` while another thread
   * is just acquiring one.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_ABANDONED`, once after a thread ended that held permits, which are free now.
   */
  tryAcquire(): Pass | undefined {
    return this.#attempt(mostTries);
  }

  /**
   * Releases a permit of this thread, or else one that another thread has acquired.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_NOT_HELD` if all permits are free.
   */
  release(): void {
    mayHold('semaphore', this.#words);
    if (!this.#permits.giveAny()) {
      const text = `Cannot release a permit: all ${this.#permits.count} permits of the semaphore are free`;
      throw new OffloopError('ERR_OFFLOOP_NOT_HELD', text);
    }
    this.#queue.wake();
  }

  protected override facts(): object {
    return { value: this.value, count: this.#permits.count };
  }

  /** Takes a permit if one is free; tries up to `tries` times while other threads have the lock. */
  #attempt(tries: number): Pass | undefined {
    mayHold('semaphore', this.#words);
    if (this.#permits.takeAbandoned()) {
      const text = 'Cannot acquire a permit: a thread that held permits has ended, so check the data that it worked on';
      throw new OffloopError('ERR_OFFLOOP_ABANDONED', text);
    }
    let outcome = this.#permits.take();
    for (let tried = 1; outcome === BUSY && tried < tries; tried += 1) outcome = this.#permits.take();
    if (outcome === TAKEN || outcome === BEATEN) this.#queue.wake();
    return outcome === TAKEN ? new Pass(() => this.#giveBack()) : undefined;
  }

  #giveBack(): void {
    if (this.#permits.giveOwn()) this.#queue.wake();
  }
}

function permitMemory(count: number): SharedArrayBuffer {
  const memory = new SharedArrayBuffer(wordCount * Int32Array.BYTES_PER_ELEMENT);
  const words = new Int32Array(memory);
  words[Word.count] = count;
  return memory;
}

arriveAs('Semaphore', () => new Semaphore(1));

defineHolding('semaphore', { recover: recoverPermits, isHeldBy: holdsPermits });
