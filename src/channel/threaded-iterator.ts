/** The iterator that users get for a generator that runs in another thread. @module */

import type { AsyncItems } from '../base/async-items.ts';
import { FinalizationRegistry } from '../base/intrinsics.ts';
import type { ItemSource } from './item-source.ts';

/** Closes the sources of iterators that were garbage-collected. */
const abandoned = new FinalizationRegistry<ItemSource<never, never, never>>((source) => {
  source.close().catch(() => undefined);
});

/** Iterators with a pending `next()`: held here so that they are not garbage-collected, and so closed, meanwhile. */
const awaited = new Set<object>();

/**
 * The items of a generator that runs in another thread, which is at most `maxSize` items ahead: an async iterator for
 * one consumer. The generator starts with the first `next()`, or with `start()`. Items come in order, then the error,
 * if the generator has thrown one, or the value that it returned; then the iterator is done for ever.
 *
 * `break`, `return()`, `close()`, `await using`, an aborted `signal` and garbage collection of the iterator end the
 * generator: its `finally` runs in the thread. A busy generator notices at its next `yield`, or by `callSignal()`;
 * after `closeTimeout` its thread is terminated. After the call's `timeout`, the items that the generator has yielded
 * are delivered, then `ERR_OFFLOOP_TIMEOUT`. If the thread dies, the same items are delivered, then
 * `ERR_OFFLOOP_WORKER_EXIT`.
 *
 * A pending `next()` or `close()` keeps the process alive, unless the call has `detach: true`; the iterator by itself
 * does not.
 *
 * @example
 * ```ts
 * await using lines = readLines('big.log');
 * for await (const line of lines) if (line.includes('error')) console.log(line);
 * ```
 */
export class ThreadedIterator<T, R = unknown, N = unknown> implements AsyncItems<T, R, N>, AsyncDisposable {
  readonly #source: ItemSource<T, R, N>;

  /** @internal */
  constructor(source: ItemSource<T, R, N>) {
    this.#source = source;
    abandoned.register(this, source as unknown as ItemSource<never, never, never>);
  }

  /** How many items wait. */
  get size(): number {
    return this.#source.size;
  }

  /** How many items were dropped, because of `overflow`. */
  get dropped(): number {
    return this.#source.dropped;
  }

  /** Whether the iterator gives no more items. */
  get closed(): boolean {
    return this.#source.isClosed;
  }

  /** Starts the generator now, before the first `next()`: for use with `snapshot()` and `drain()`. */
  start(): this {
    this.#source.start();
    return this;
  }

  /**
   * Gives the next item. Calls that overlap are served in order. With `maxSize: 0` the generator advances only now, and
   * its `yield` gives `value`; otherwise `value` is ignored, because the generator runs ahead.
   */
  next(...[value]: [] | [N]): Promise<IteratorResult<T, R>> {
    return this.#pinned(this.#source.next(value));
  }

  /** Ends the generator, and resolves with `value` after its `finally`. Rejects with an error of its `finally`. */
  async return(value?: R | PromiseLike<R>): Promise<IteratorResult<T, R>> {
    await this.close();
    return { value: (await value) as R, done: true };
  }

  /**
   * Throws `error` at the current or next `yield` of the generator, once the calls before this one are served; items
   * from before are dropped. Gives the item or return value that follows, or rejects with the generator's error.
   * Rejects with `error` if the generator has ended.
   */
  throw(error?: unknown): Promise<IteratorResult<T, R>> {
    return this.#pinned(this.#source.throw(error));
  }

  /**
   * Ends the generator; items that were not taken are dropped, and pending `next()` are done. Resolves after its
   * `finally` has run. May be called again.
   *
   * @throws The error that `finally` throws, if the generator was ended at a `yield`.
   * @throws {OffloopError} `ERR_OFFLOOP_TIMEOUT` if the generator did not end within `closeTimeout`; its thread is
   * terminated.
   */
  close(): Promise<void> {
    return this.#pinned(this.#source.close());
  }

  /**
   * The items that wait, oldest first, without taking them.
   *
   * @throws The error of the generator, once it has failed, each time: what waits is from before. `drain()` and `next()` take it.
   */
  snapshot(): T[] {
    return this.#source.snapshot();
  }

  /**
   * Takes the items that wait, oldest first.
   *
   * @throws The error of the generator, if nothing waits any more and it has failed; after that the iterator is done.
   */
  drain(): T[] {
    return this.#source.drain();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Keeps this iterator from being garbage-collected until `result` settles: the user may hold only the promise. */
  #pinned<V>(result: Promise<V>): Promise<V> {
    if (!this.#source.isAwaited) return result;
    awaited.add(this);
    const release = (): void => void (this.#source.isAwaited || awaited.delete(this));
    result.then(release, release);
    return result;
  }
}
