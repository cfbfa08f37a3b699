/** A lock between threads. @module */

import { OffloopError } from '../base/errors.ts';
import type { WaitOptions } from '../wait/wait-options.ts';
import { defineHolding, mayHold } from '../wait/holders.ts';
import { Pass } from './pass.ts';
import { Place, placeWords, wakeAll } from './place.ts';
import { arriveAs, identityWords, Primitive, self, wordsOf } from './primitive.ts';

/** Words: the thread that holds it, how often it was acquired, and where to wait. */
const Word = { owner: identityWords, turn: identityWords + 1, place: identityWords + 2 } as const;

const wordCount = Word.place + placeWords;

/** In place of a thread: nobody, and one that has ended while it held the lock. */
const FREE = 0;
const ABANDONED = -1;

/**
 * A lock that one thread holds at a time. It crosses threads in arguments and results, and is the same lock there. It
 * belongs to the thread that has acquired it: in one thread, `async` functions take turns, as they do with others. No
 * order is promised among threads; who waits in one thread's loop is served in order.
 *
 * A thread that ends while it holds the lock does not leave it held: the next to acquire it is told by
 * `ERR_OFFLOOP_ABANDONED`, once, and may check what the lock protects; the lock is free again. On the main side, a wait
 * with a limit keeps the process alive until then; one without does not.
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
  readonly #place: Place;

  constructor() {
    super('Lock', () => new SharedArrayBuffer(wordCount * Int32Array.BYTES_PER_ELEMENT));
    this.#words = wordsOf(this, wordCount);
    this.#place = new Place(this.#words, Word.place, 'the lock');
  }

  /** Whether any thread holds it now. */
  get isHeld(): boolean {
    return Atomics.load(this.#words, Word.owner) > FREE;
  }

  /**
   * Blocks this thread until it holds the lock. Dispose of the returned pass to give the lock back, or call
   * {@link Lock.release}. After an error this thread does not hold it.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_ABANDONED`, once after a thread has ended that held the lock, which is free now.
   * @throws {OffloopError} `ERR_OFFLOOP_DEADLOCK` if this very thread holds the lock: nobody else could give it back.
   * @throws {OffloopError} `ERR_OFFLOOP_TIMEOUT` after `timeout`.
   * @throws {OffloopError} `ERR_OFFLOOP_NEVER_SETTLES` if nobody is left who could end the wait.
   * @throws {OffloopError} `ERR_OFFLOOP_WOULD_BLOCK` on the main side; there, use {@link Lock.acquireAsync}.
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is not what it should be.
   * @throws `signal.reason` if `signal` is aborted, or the reason for which the running call was given up.
   */
  acquire(options?: WaitOptions): Pass {
    return this.#place.block(() => {
      const pass = this.tryAcquire();
      if (pass || Atomics.load(this.#words, Word.owner) !== self) return pass;
      const text = 'Cannot acquire the lock: this thread holds it, and could not release it while it waits';
      throw new OffloopError('ERR_OFFLOOP_DEADLOCK', text);
    }, options);
  }

  /**
   * Resolves once this thread holds the lock, with the pass to give it back. Works in every thread; if this thread holds
   * the lock already, it waits for that hold to end.
   *
   * @throws As {@link Lock.acquire}, but never `ERR_OFFLOOP_DEADLOCK` or `ERR_OFFLOOP_WOULD_BLOCK`;
   * `ERR_OFFLOOP_NEVER_SETTLES` only if a module's top level awaits it and the process would end.
   */
  async acquireAsync(options?: WaitOptions): Promise<Pass> {
    return this.#place.wait(() => this.tryAcquire(), options);
  }

  /**
   * Acquires the lock if it is free; gives `undefined` if it is held, also by this thread.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_ABANDONED`, once after a thread has ended that held the lock, which is free now.
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
    this.#place.wake();
    const text = 'Cannot acquire the lock: the thread that held it has ended, so what it protects may be half done';
    throw new OffloopError('ERR_OFFLOOP_ABANDONED', text);
  }

  /**
   * Gives the lock back.
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
    this.#place.wake();
    return true;
  }
}

arriveAs('Lock', () => new Lock());

defineHolding('lock', {
  recover(words, threadId) {
    Atomics.compareExchange(words, Word.owner, threadId + 1, ABANDONED);
    // The thread may also have ended between giving the lock back and waking the next.
    wakeAll(words, Word.place);
  },
  isHeldBy: (words, threadId) => Atomics.load(words, Word.owner) === threadId + 1,
});
