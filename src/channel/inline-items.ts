/**
 * The items of a generator that runs in the calling thread: inside a thread of the library, and in inline mode. @module
 */

import { argumentError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { reasonOf } from '../base/signal.ts';
import { holdIterable } from './adapters/held.ts';
import { end } from './adapters/iterable.ts';
import type { ItemSource } from './item-source.ts';
import { checkedIterator, checkedStep } from './protocol.ts';

type AnyIterator<T, R, N> = Iterator<T, R, N> | AsyncIterator<T, R, N>;
type Result<T, R> = IteratorResult<T, R>;

/** The iterable that the function returned, opened. */
interface Opened<T, R, N> {
  readonly iterator: AnyIterator<T, R, N>;
  close(): Promise<void>;
}

type Take<T, R, N> = (opened: Opened<T, R, N>) => Promise<Result<T, R>>;

/** Passes each `next()` on to the generator: no item is copied or buffered. */
export class InlineItems<T, R, N> implements ItemSource<T, R, N> {
  readonly size = 0;
  readonly dropped = 0;
  isClosed = false;
  readonly #open: () => unknown;
  readonly #signal: AbortSignal | undefined;
  #opened: Promise<Opened<T, R, N>> | undefined;

  /** The last step: each step waits for the one before it. */
  #last: Promise<unknown> = Promise.resolve();
  #steps = 0;

  /** `open` calls the user's function, which returns the iterable. */
  constructor(open: () => unknown, signal?: AbortSignal) {
    this.#open = open;
    this.#signal = signal;
  }

  get isAwaited(): boolean {
    return this.#steps > 0;
  }

  start(): void {
    this.#opened ??= this.#begin();
    this.#opened.catch(() => undefined);
  }

  next(value?: N): Promise<Result<T, R>> {
    return this.#step(async ({ iterator }) => iterator.next(value as N));
  }

  throw(error: unknown): Promise<Result<T, R>> {
    return this.#step(
      async ({ iterator, close }) => {
        if (iterator.throw) return iterator.throw(error);
        await close();
        throw error;
      },
      { error },
    );
  }

  async close(): Promise<void> {
    const wasClosed = this.isClosed;
    this.isClosed = true;
    if (!wasClosed && this.#opened) await (await this.#opened).close();
    else await this.#last.catch(() => undefined);
  }

  snapshot(): T[] {
    return [];
  }

  drain(): T[] {
    return [];
  }

  /**
   * Takes a step after the steps before it. `thrown` is the error of `throw()`: it rejects if the generator has ended.
   */
  #step(take: Take<T, R, N>, thrown?: { readonly error: unknown }): Promise<Result<T, R>> {
    const step = this.#take(this.#last, take, thrown);
    this.#last = step.catch(() => undefined);
    return step;
  }

  async #take(
    before: Promise<unknown>,
    take: Take<T, R, N>,
    thrown: { readonly error: unknown } | undefined,
  ): Promise<Result<T, R>> {
    this.#steps += 1;
    try {
      await before;
      if (this.isClosed && thrown) throw thrown.error;
      if (this.isClosed) return { value: undefined as R, done: true };
      if (this.#signal?.aborted) {
        await this.close();
        throw reasonOf(this.#signal);
      }
      this.start();
      const result = checkedStep(await take((await this.#opened) as Opened<T, R, N>));
      this.isClosed ||= Boolean(result.done);
      return result;
    } catch (error) {
      this.isClosed = true;
      throw error;
    } finally {
      this.#steps -= 1;
    }
  }

  async #begin(): Promise<Opened<T, R, N>> {
    const source = await this.#open();
    const iterable = Object(source) as Partial<Iterable<T> & AsyncIterable<T>>;
    if (typeof iterable[Symbol.asyncIterator] === 'function') {
      const held = holdIterable(iterable);
      return { iterator: held.open() as AsyncIterator<T, R, N>, close: async () => held.close() };
    }
    if (typeof iterable[Symbol.iterator] !== 'function') throw argumentError(notIterable(source));
    const iterator = checkedIterator((iterable as Iterable<T>)[Symbol.iterator]()) as Iterator<T, R, N>;
    return { iterator, close: async () => end(iterator) };
  }
}

function notIterable(source: unknown): string {
  return `Cannot iterate: the function returned ${source === null ? 'null' : typeof source} instead of an iterable`;
}
