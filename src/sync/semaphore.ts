/** A semaphore between threads. @module */

import { argumentError, OffloopError } from '../base/errors.ts';
import type { WaitOptions } from '../wait/wait-options.ts';
import { defineHolding, mayHold } from '../wait/holders.ts';
import { count as countCheck } from '../base/options.ts';
import { Pass } from './pass.ts';
import { BEATEN, BUSY, holdsPermits, Permits, recoverPermits, TAKEN, Word, wordCount } from './permits.ts';
import { Place } from './place.ts';
import { arriveAs, Primitive, wordsOf } from './primitive.ts';

const mostPermits = 2 ** 30;

/** How often {@link Semaphore.tryAcquire} tries while other threads are just acquiring. */
const mostTries = 100;

const check = countCheck(1);

/**
 * A number of permits that threads acquire and give back: as many may do something at once. It crosses threads in
 * arguments and results, and is the same semaphore there. A permit may be given back by another thread than the one
 * that has acquired it. No order is promised among threads; who waits in one thread's loop is served in order.
 *
 * What a thread holds when it ends comes back: the next to acquire is told by `ERR_OFFLOOP_ABANDONED`, once. For
 * that, 64 threads are recorded that hold permits at once; what further ones hold when they end is lost. On the main side, a
 * wait with a limit keeps the process alive until then; one without does not.
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
  readonly #place: Place;

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
    this.#place = new Place(this.#words, Word.place, 'a permit of the semaphore');
  }

  /** How many permits are free now. */
  get value(): number {
    return this.#permits.free;
  }

  /**
   * Blocks this thread until it has a permit. Dispose of the returned pass to give it back, or call
   * {@link Semaphore.release}. After an error this thread has no further permit.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_ABANDONED`, once after a thread has ended that held permits, which are free now.
   * @throws {OffloopError} `ERR_OFFLOOP_TIMEOUT` after `timeout`.
   * @throws {OffloopError} `ERR_OFFLOOP_NEVER_SETTLES` if nobody is left who could end the wait.
   * @throws {OffloopError} `ERR_OFFLOOP_WOULD_BLOCK` on the main side; there, use {@link Semaphore.acquireAsync}.
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is not what it should be.
   * @throws `signal.reason` if `signal` is aborted, or the reason for which the running call was given up.
   */
  acquire(options?: WaitOptions): Pass {
    return this.#place.block(() => this.#attempt(1), options);
  }

  /**
   * Resolves once this thread has a permit, with the pass to give it back. Works in every thread.
   *
   * @throws As {@link Semaphore.acquire}, but never `ERR_OFFLOOP_WOULD_BLOCK`; `ERR_OFFLOOP_NEVER_SETTLES` only if a module's
   * top level awaits it and the process would end.
   */
  async acquireAsync(options?: WaitOptions): Promise<Pass> {
    return this.#place.wait(() => this.#attempt(1), options);
  }

  /**
   * Acquires a permit if one is free; gives `undefined` if none is. It may also give `undefined` while another thread is
   * just acquiring one.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_ABANDONED`, once after a thread has ended that held permits, which are free now.
   */
  tryAcquire(): Pass | undefined {
    return this.#attempt(mostTries);
  }

  /**
   * Gives a permit back: one of this thread's, else one that another thread has acquired.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_NOT_HELD` if all permits are free.
   */
  release(): void {
    mayHold('semaphore', this.#words);
    if (!this.#permits.giveAny()) {
      const text = `Cannot release a permit: all ${this.#permits.count} of the semaphore are free`;
      throw new OffloopError('ERR_OFFLOOP_NOT_HELD', text);
    }
    this.#place.wake();
  }

  protected override facts(): object {
    return { value: this.value, count: this.#permits.count };
  }

  /** Takes a permit if one is free; tries up to `tries` times while other threads are just taking theirs. */
  #attempt(tries: number): Pass | undefined {
    mayHold('semaphore', this.#words);
    if (this.#permits.takeAbandoned()) {
      const text = 'Cannot acquire a permit: a thread that held some has ended, so what it did may be half done';
      throw new OffloopError('ERR_OFFLOOP_ABANDONED', text);
    }
    let outcome = this.#permits.take();
    for (let tried = 1; outcome === BUSY && tried < tries; tried += 1) outcome = this.#permits.take();
    if (outcome === TAKEN || outcome === BEATEN) this.#place.wake();
    return outcome === TAKEN ? new Pass(() => this.#giveBack()) : undefined;
  }

  #giveBack(): void {
    if (this.#permits.giveOwn()) this.#place.wake();
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
