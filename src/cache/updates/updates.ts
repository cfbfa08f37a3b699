/** The iterator over the changes of a cache that were published. @module */

import type { AsyncItems } from '../../base/async-items.ts';
import { configuration } from '../../base/config.ts';
import { count, oneOf, ownOptions } from '../../base/options.ts';
import type { Check } from '../../base/options.ts';
import { signalCheck } from '../../base/signal.ts';
import type { Overflow } from '../../channel/ring/ring.ts';
import { fromBytes } from '../../codec/bytes/bytes.ts';
import type { Update } from '../main/hub.ts';
import { isClosed, whenLost } from './forgotten.ts';
import { keyOf } from '../key.ts';
import type { CacheKey } from '../key.ts';

/** Options of `cache.updates`. */
export interface UpdatesOptions {
  /** How many updates may wait; a whole number from 1, or `Infinity`. @defaultValue as `configure` says: `1024` */
  maxSize?: number | undefined;

  /**
   * How an update is treated where that many wait: with `'block'` the publisher waits, `'drop-oldest'` and
   * `'drop-newest'` drop an update, for this iterator alone, and `'error'` ends it: after the updates that wait, it
   * throws `ERR_OFFLOOP_OVERFLOW`. @defaultValue `'block'`
   */
  overflow?: Overflow | undefined;

  /** Ends the iterator when it is aborted: the pending or next step rejects with `signal.reason`. @defaultValue none */
  signal?: AbortSignal | undefined;
}

/** The options with their defaults. */
export interface UpdatesPlan {
  readonly maxSize: number;
  readonly overflow: Overflow;
  readonly signal: AbortSignal | undefined;
}

const checks: Readonly<Record<keyof UpdatesOptions, Check>> = {
  maxSize: count(1, { unbounded: true }),
  overflow: oneOf('block', 'error', 'drop-oldest', 'drop-newest'),
  signal: signalCheck,
};

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range. */
export function updatesPlan(given: UpdatesOptions): UpdatesPlan {
  const { maxSize, overflow = 'block', signal } = ownOptions('updates', given, checks);
  return { maxSize: maxSize ?? Math.max(1, configuration.maxSize), overflow, signal };
}

/** Carries updates to the thread that iterates. */
export interface UpdatesSource {
  readonly size: number;
  readonly dropped: number;
  readonly closed: boolean;
  next(): Promise<IteratorResult<Update, undefined>>;
  close(): void;
  snapshot(): Update[];
  drain(): Update[];
}

/** What happens when an iterator ends. */
export interface Leaving {
  /** Ends its updates; called, too, once the iterator was lost, to which it must not refer. */
  leave(): void;

  /** Called when the iterator was closed. */
  onClose(): void;
}

/**
 * The changes that were published since the iterator was made, in any thread, as `[key, value]`, each iterator with a copy
 * of its own. `break`, `close()`, the `signal` and `cache.close()` end it. An iterator whose thread ends is forgotten, and so
 * is one that was garbage-collected, which may take long: close an iterator that you do not read to its end.
 */
export class Updates<V> implements AsyncItems<[CacheKey, V], undefined>, AsyncDisposable {
  readonly #source: UpdatesSource;
  readonly #leaving: Leaving;
  #isOver = false;

  constructor(source: UpdatesSource, leaving: Leaving) {
    this.#source = source;
    this.#leaving = leaving;
    whenLost(this, leaving.leave);
  }

  /** How many updates wait. */
  get size(): number {
    return this.#source.size;
  }

  /** How many updates were dropped or refused, because of `overflow`. */
  get dropped(): number {
    return this.#source.dropped;
  }

  /** Whether no more updates come. */
  get closed(): boolean {
    return this.#isOver || this.#source.closed;
  }

  /**
   * Resolves with the next change.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_OVERFLOW` once after the updates, with `overflow: 'error'`, if one found no room; and
   * in a thread, if one was larger than the memory for its updates, 64 MiB.
   * @throws `signal.reason`, once, if the signal is aborted.
   */
  async next(): Promise<IteratorResult<[CacheKey, V], undefined>> {
    try {
      const step = await this.#source.next();
      if (!step.done) return { value: entryOf<V>(step.value), done: false };
    } catch (error) {
      this.close();
      throw error;
    }
    this.close();
    return { value: undefined, done: true };
  }

  /** Ends the iterator, as leaving a loop does. */
  async return(): Promise<IteratorResult<[CacheKey, V], undefined>> {
    this.close();
    return { value: undefined, done: true };
  }

  /** Ends the iterator: the updates that wait are dropped. */
  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#source.close();
    isClosed(this);
    this.#leaving.leave();
    this.#leaving.onClose();
  }

  /** The updates that wait, oldest first; they are not taken. */
  snapshot(): [CacheKey, V][] {
    return this.#source.snapshot().map((update) => entryOf<V>(update));
  }

  /** Takes all updates that wait, oldest first. */
  drain(): [CacheKey, V][] {
    return this.#source.drain().map((update) => entryOf<V>(update));
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }
}

const entryOf = <V>({ key, value }: Update): [CacheKey, V] => [keyOf(key), fromBytes(value) as V];
