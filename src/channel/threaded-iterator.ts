/** What users hold of a generator that runs in another thread. @module */

import { FinalizationRegistry } from '../base/intrinsics.ts';
import type { ItemSource } from './item-source.ts';

/** Closes what nobody can ask any more. */
const abandoned = new FinalizationRegistry<ItemSource<never, never, never>>((source) => {
  source.close().catch(() => undefined);
});

/** Iterators of which somebody awaits an item: they are not abandoned. */
const awaited = new Set<object>();

/**
 * The items of a generator that runs in another thread, which is at most `maxSize` items ahead: an async iterator for one
 * consumer. The generator starts with the first `next()`, or with `start()`. Items come in order, then the error, if the
 * generator has thrown one, or the value that it returned; then it is done for ever.
 *
 * `break`, `return()`, `close()`, `await using`, an aborted `signal` and being forgotten end the generator: its `finally`
 * runs in the thread. One that is busy hears of it at its next `yield`, or by `callSignal()`; its thread is ended after
 * `closeTimeout`. So is one that has run for its `timeout`: the items it has given are delivered, then
 * `ERR_OFFLOOP_TIMEOUT`. If the thread dies, the items it has given are delivered, then `ERR_OFFLOOP_WORKER_EXIT`.
 *
 * The process stays alive while a `next()` or `close()` is pending, and no longer; not even then with `detach: true`.
 *
 * @example
 * ```ts
 * await using lines = readLines('big.log');
 * for await (const line of lines) if (line.includes('error')) console.log(line);
 * ```
 */
export class ThreadedIterator<T, R = unknown, N = unknown> implements AsyncIterableIterator<T, R, N>, AsyncDisposable {
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

  /** Whether no item will be given any more. */
  get closed(): boolean {
    return this.#source.isClosed;
  }

  /** Starts the generator now, for a buffer that is looked at and not iterated. */
  start(): this {
    this.#source.start();
    return this;
  }

  /**
   * The next item. Calls that overlap are served in order. With `maxSize: 0` the generator advances only now, and `value`
   * is what its `yield` gives; else `value` is not used, since the generator is ahead.
   */
  next(...[value]: [] | [N]): Promise<IteratorResult<T, R>> {
    return this.#pinned(this.#source.next(value));
  }

  /** Ends the generator, and resolves after its `finally` with `value`. Rejects with what `finally` throws. */
  async return(value?: R | PromiseLike<R>): Promise<IteratorResult<T, R>> {
    await this.close();
    return { value: (await value) as R, done: true };
  }

  /**
   * Throws `error` at the `yield` at which the generator stands, or will stand next, once the calls before this one are
   * served; items from before are dropped. Gives what the generator yields or returns then, or rejects with what it throws.
   * Rejects with `error` if there is no generator any more, or it has ended by then.
   */
  throw(error?: unknown): Promise<IteratorResult<T, R>> {
    return this.#pinned(this.#source.throw(error));
  }

  /**
   * Ends the generator; items that were not taken are dropped, and pending `next()` are done. Resolves after its `finally`
   * has run. May be called again.
   *
   * @throws What `finally` throws, where the generator is ended at a `yield`; `ERR_OFFLOOP_TIMEOUT` if the generator has not ended after `closeTimeout`, and its
   * thread was ended.
   */
  close(): Promise<void> {
    return this.#pinned(this.#source.close());
  }

  /** The items that wait, oldest first, without taking them. */
  snapshot(): T[] {
    return this.#source.snapshot();
  }

  /** Takes the items that wait, oldest first. */
  drain(): T[] {
    return this.#source.drain();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  /** Somebody who waits does not need to hold it. */
  #pinned<V>(result: Promise<V>): Promise<V> {
    if (!this.#source.isAwaited) return result;
    awaited.add(this);
    const release = (): void => void (this.#source.isAwaited || awaited.delete(this));
    result.then(release, release);
    return result;
  }
}
