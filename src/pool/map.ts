/** Calls a function for every item, a bounded number at a time, and gives the results in order. @module */

import { holdForClock } from '../codec/clocked.ts';
import { onAbort } from '../codec/on-abort.ts';
import { AbortController, Promise } from '../base/intrinsics.ts';
import { reasonOf, throwIfAborted } from '../base/signal.ts';
import { holdIterable } from '../channel/held.ts';
import type { Held } from '../channel/held.ts';

/** How {@link mapInOrder} calls. */
export interface MapHooks<T, R> {
  readonly concurrency: number;
  readonly signal: AbortSignal | undefined;

  /** Gives what makes the calls; `ended` is aborted when their results are not wanted any more. */
  caller(ended: AbortSignal): (item: T) => Promise<R>;
}

/**
 * Pulls an item only when a call can be made for it, and one item at a time. The first failure, of the items or of a call,
 * in the order of the items, ends it; the items are closed, and calls that are out are stopped. Items that fail before
 * they are asked for fail when they are.
 */
export function mapInOrder<T, R>(
  items: Iterable<T> | AsyncIterable<T>,
  hooks: MapHooks<T, R>,
): AsyncGenerator<R, void, undefined> {
  return results(new Source(items), hooks);
}

async function* results<T, R>(
  source: Source<T>,
  { concurrency, signal, caller }: MapHooks<T, R>,
): AsyncGenerator<R, void, undefined> {
  const ended = new AbortController();
  const forget = signal && onAbort(signal, () => ended.abort(reasonOf(signal)));
  const call = caller(ended.signal);
  const pending: Promise<{ readonly result: R } | undefined>[] = [];
  const next = async (): Promise<{ readonly result: R } | undefined> => {
    const { done, value } = await source.next();
    return done ? undefined : { result: await call(value) };
  };
  try {
    throwIfAborted(signal);
    for (;;) {
      while (!source.isOver && pending.length < concurrency) {
        const outcome = next();
        // It is looked at when its turn comes.
        outcome.catch(() => undefined);
        pending.push(outcome);
      }
      const first = await unlessAborted(pending.shift(), signal);
      if (!first) return;
      yield first.result;
    }
  } finally {
    forget?.();
    ended.abort();
    await source.close();
  }
}

/** Items, pulled one by one whoever asks for several. */
class Source<T> {
  isOver = false;
  readonly #items: Iterable<T> | AsyncIterable<T>;

  /** What may have failed before it is asked. */
  readonly #held: Held | undefined;
  #opened: Iterator<T> | AsyncIterator<T> | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #isPulling = false;

  constructor(items: Iterable<T> | AsyncIterable<T>) {
    this.#items = items;
    if (typeof items === 'object' && Symbol.asyncIterator in items) this.#held = holdIterable(items);
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const item = this.#last.then(async () => this.#pull());
    this.#last = item.catch(() => undefined);
    return item;
  }

  async close(): Promise<void> {
    if (this.isOver) return;
    this.isOver = true;
    const closing = this.#held?.close() ?? Promise.resolve(this.#open().return?.());
    // Items that are being waited for would be closed only after that, if ever.
    if (this.#isPulling) closing.catch(() => undefined);
    else await closing;
  }

  #open(): Iterator<T> | AsyncIterator<T> {
    return (this.#opened ??=
      (this.#held?.open() as AsyncIterator<T>) ?? (this.#items as Iterable<T>)[Symbol.iterator]());
  }

  async #pull(): Promise<IteratorResult<T, undefined>> {
    if (this.isOver) return { done: true, value: undefined };
    this.#isPulling = true;
    try {
      const item = await this.#open().next();
      if (!item.done) return item;
    } catch (error) {
      // What has thrown is closed already.
      this.isOver = true;
      throw error;
    } finally {
      this.#isPulling = false;
    }
    this.isOver = true;
    return { done: true, value: undefined };
  }
}

/** The items themselves may keep silent for ever. */
function unlessAborted<V>(promise: Promise<V> | undefined, signal: AbortSignal | undefined): Promise<V> | undefined {
  if (!signal || !promise) return promise;
  return new Promise((resolve, reject) => {
    const letGo = holdForClock(signal);
    const forget = onAbort(signal, () => {
      letGo();
      reject(reasonOf(signal));
    });
    promise.then(resolve, reject).finally(() => {
      letGo();
      forget();
    });
  });
}
