/** The items of a generator of this thread, for calls that are made in a thread of the library. @module */

import { argumentError } from '../errors.ts';
import { Promise } from '../intrinsics.ts';
import { reasonOf } from '../signal.ts';
import type { ItemSource } from './item-source.ts';

type AnyIterator<T, R, N> = Iterator<T, R, N> | AsyncIterator<T, R, N>;

/** Asks the generator whenever somebody asks it: nothing is copied, and nothing waits. */
export class InlineItems<T, R, N> implements ItemSource<T, R, N> {
  readonly size = 0;
  readonly dropped = 0;
  isClosed = false;
  readonly #open: () => unknown;
  readonly #signal: AbortSignal | undefined;
  #iterator: Promise<AnyIterator<T, R, N>> | undefined;

  /** The steps, one after the other. */
  #last: Promise<unknown> = Promise.resolve();
  #steps = 0;

  /** `open` calls the function that gives the iterable. */
  constructor(open: () => unknown, signal?: AbortSignal) {
    this.#open = open;
    this.#signal = signal;
  }

  get isAwaited(): boolean {
    return this.#steps > 0;
  }

  start(): void {
    this.#iterator ??= this.#begin();
    this.#iterator.catch(() => undefined);
  }

  next(value?: N): Promise<IteratorResult<T, R>> {
    return this.#step(async (iterator) => iterator.next(value as N));
  }

  throw(error: unknown): Promise<IteratorResult<T, R>> {
    return this.#step(async (iterator) => {
      if (iterator.throw) return iterator.throw(error);
      await iterator.return?.();
      throw error;
    });
  }

  async close(): Promise<void> {
    const wasClosed = this.isClosed;
    this.isClosed = true;
    await this.#last.catch(() => undefined);
    if (wasClosed || !this.#iterator) return;
    const iterator = await this.#iterator;
    for (let step = await iterator.return?.(); step && !step.done; step = await iterator.next(undefined as N));
  }

  snapshot(): T[] {
    return [];
  }

  drain(): T[] {
    return [];
  }

  #step(take: (iterator: AnyIterator<T, R, N>) => Promise<IteratorResult<T, R>>): Promise<IteratorResult<T, R>> {
    const step = this.#take(this.#last, take);
    this.#last = step.catch(() => undefined);
    return step;
  }

  async #take(
    before: Promise<unknown>,
    take: (iterator: AnyIterator<T, R, N>) => Promise<IteratorResult<T, R>>,
  ): Promise<IteratorResult<T, R>> {
    this.#steps += 1;
    try {
      await before;
      if (this.isClosed) return { value: undefined as R, done: true };
      if (this.#signal?.aborted) {
        await this.#abandon();
        throw reasonOf(this.#signal);
      }
      this.start();
      const result = await take((await this.#iterator) as AnyIterator<T, R, N>);
      this.isClosed ||= result.done === true;
      return result;
    } catch (error) {
      this.isClosed = true;
      throw error;
    } finally {
      this.#steps -= 1;
    }
  }

  async #abandon(): Promise<void> {
    this.isClosed = true;
    await (await this.#iterator)?.return?.();
  }

  async #begin(): Promise<AnyIterator<T, R, N>> {
    const source = await this.#open();
    const iterable = Object(source) as Partial<Iterable<T> & AsyncIterable<T>>;
    const iterate = iterable[Symbol.asyncIterator] ?? iterable[Symbol.iterator];
    if (typeof iterate !== 'function') throw argumentError(notIterable(source));
    return Reflect.apply(iterate, source, []) as AnyIterator<T, R, N>;
  }
}

function notIterable(source: unknown): string {
  return `Cannot iterate: the function returned ${source === null ? 'null' : typeof source}, no iterable`;
}
