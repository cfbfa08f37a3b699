/** Calls a function for every item, a bounded number at a time, and gives the results in order. @module */

import { holdForClock } from '../codec/live/clocked.ts';
import { onAbort } from '../codec/live/on-abort.ts';
import { AbortController, Promise } from '../base/intrinsics.ts';
import { reasonOf, throwIfAborted } from '../base/signal.ts';
import { holdIterable } from '../channel/adapters/held.ts';
import type { HeldIterable } from '../channel/adapters/held.ts';
import { checkedIterator, checkedStep } from '../channel/protocol.ts';

/** Options of {@link mapInOrder}. */
export interface MapHooks<T, R> {
  readonly concurrency: number;
  readonly signal: AbortSignal | undefined;

  /** Gives the function that makes the calls; `ended` is aborted when their results are no longer wanted. */
  caller(ended: AbortSignal): (item: T) => Promise<R>;
}

/**
 * Calls a function for each item. Pulls an item only when a call can be made for it, and one item at a time. The first
 * failure in the order of the items, of the items or of a call, ends the iteration: the items are closed, and
 * outstanding calls are aborted. Items that fail before they are iterated over fail when they are.
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
        // A rejection is reported in order, when its turn comes.
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

/** The items, pulled one by one even if several are asked for at once. */
class Source<T> {
  isOver = false;
  readonly #items: Iterable<T> | AsyncIterable<T>;

  /** The items, if they may fail before they are iterated over. */
  readonly #held: HeldIterable | undefined;
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
    // With a pending `next()`, the close may take effect only after that, or never: do not wait for it.
    if (this.#isPulling) closing.catch(() => undefined);
    else await closing;
  }

  #open(): Iterator<T> | AsyncIterator<T> {
    return (this.#opened ??=
      (this.#held?.open() as AsyncIterator<T>) ?? checkedIterator((this.#items as Iterable<T>)[Symbol.iterator]()));
  }

  async #pull(): Promise<IteratorResult<T, undefined>> {
    if (this.isOver) return { done: true, value: undefined };
    this.#isPulling = true;
    try {
      const item = checkedStep(await this.#open().next());
      if (!item.done) return item;
    } catch (error) {
      // An iterator that has thrown is closed already.
      this.isOver = true;
      throw error;
    } finally {
      this.#isPulling = false;
    }
    this.isOver = true;
    return { done: true, value: undefined };
  }
}

/** As `promise`, but rejects when `signal` is aborted, because `promise` may stay pending for ever. */
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
