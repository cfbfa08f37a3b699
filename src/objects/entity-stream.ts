/** Streams of values that a method returns: the values stay where they are until they are asked for. @module */

import { configuration } from '../base/config.ts';
import { argumentError } from '../base/errors.ts';
import { count, ownOptions } from '../base/options.ts';

/** Options of {@link entityStream}. */
export interface EntityStreamOptions {
  /**
   * How many values may be sent ahead of the consumer: a whole number from 0, or `Infinity`; `0` is lock-step.
   * @defaultValue as `configure` says for `maxSize`: `1024`
   */
  window?: number;
}

/** A stream of values, for one consumer. */
export interface EntityStream<T> extends AsyncIterable<T>, AsyncDisposable {
  /** How many values may be sent ahead of the consumer. */
  readonly window: number;

  /**
   * Ends the stream: its source is closed, and gives no more values. A stream that is not iterated over to its end has
   * to be closed, unless its object is released.
   */
  close(): Promise<void>;
}

/** A stream in the thread where its values are. */
export class LocalEntityStream<T> implements EntityStream<T> {
  readonly window: number;

  /** The values; gone once a consumer has them. */
  #source: Iterable<T> | AsyncIterable<T> | undefined;

  constructor(source: Iterable<T> | AsyncIterable<T>, window: number) {
    this.#source = source;
    this.window = window;
  }

  /** Gives the values to their one consumer. */
  take(): Iterable<T> | AsyncIterable<T> {
    const source = this.#source;
    if (!source) throw argumentError('Cannot iterate over an entity stream twice: it is closed, or has its consumer');
    this.#source = undefined;
    return source;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, undefined> {
    yield* this.take();
  }

  async close(): Promise<void> {
    const source = this.#source;
    this.#source = undefined;
    // A generator that has not begun has nothing to clean up, but a wrapped iterator may.
    await (source as Partial<AsyncGenerator<T>> | undefined)?.return?.(undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}

/**
 * Makes a stream of the values of `source`, to be returned from a method of a {@link threadedObject}: the caller gets
 * an {@link EntityStream} at once, and the values when it iterates. At most `window` values are ahead of the consumer,
 * so that memory is bounded and an endless source works.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `source` is not iterable, or an option is unknown or out of range.
 *
 * @example
 * ```ts
 * class NameSorter {
 *   #names: string[] = [];
 *   add(name: string) { this.#names.push(name); }
 *   reset() {
 *     const names = this.#names.splice(0);
 *     return entityStream(names.sort());
 *   }
 * }
 * ```
 */
export function entityStream<T>(
  source: Iterable<T> | AsyncIterable<T>,
  options: EntityStreamOptions = {},
): EntityStream<T> {
  const { window = configuration.maxSize } = ownOptions('entityStream', options, {
    window: count(0, { unbounded: true }),
  });
  const { [Symbol.asyncIterator]: later, [Symbol.iterator]: now } = Object(source) as Partial<
    AsyncIterable<T> & Iterable<T>
  >;
  if (typeof later !== 'function' && typeof now !== 'function') {
    const received = source === null ? 'null' : typeof source;
    throw argumentError(`Cannot make an entity stream: expected an iterable, received ${received}`);
  }
  return new LocalEntityStream(source, window);
}
