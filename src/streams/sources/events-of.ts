/** Events of the items of any iterable: handed back ones come again, and what is through is committed. @module */

import { Promise } from '../../base/intrinsics.ts';
import { kind, ownOptions } from '../../base/options.ts';
import { StreamEvent } from '../events/event.ts';
import type { EventHeaders } from '../events/event.ts';
import { checkedIterable } from '../arguments/iterables.ts';
import type { AnyIterable } from '../arguments/iterables.ts';
import type { Outcome } from '../events/receipt.ts';
import { AckRun } from '../events/run-of-acks.ts';

/** Options of `eventsOf`. */
export interface EventsOptions<T, K = unknown> {
  /** The key of an item's event. @defaultValue none */
  key?: ((item: T) => K) | undefined;

  /** The headers of an item's event. @defaultValue none */
  headers?: ((item: T) => EventHeaders) | undefined;

  /**
   * Called with how many items were dealt with from the first one on, without a gap, when that number has grown: what to skip
   * when the items are read again. The next call waits until the promise of the last one has settled, and then has the
   * latest number.
   * @defaultValue nothing is called
   */
  commit?: ((count: number) => unknown) | undefined;
}

const checks = { key: kind('function'), headers: kind('function'), commit: kind('function') };

/**
 * The items of `items` as events. An event that is handed back is delivered again before any new one, with a higher
 * `attempt`. One that was not acknowledged when the items are over, or are closed, is left uncommitted.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `items` is not iterable, or an option is unknown or not of its kind.
 *
 * @example
 * ```ts
 * const orders = eventsOf(readOrders('orders.ndjson', { skip: await readFile('position') }), {
 *   key: ({ customer }) => customer,
 *   commit: (count) => writeFile('position', String(count)),
 * });
 * await stream(orders, { onError: 'nack' }).forEach(ship);
 * ```
 */
export function eventsOf<T, K = unknown>(
  items: AnyIterable<T>,
  options: EventsOptions<T, K> = {},
): AsyncIterable<StreamEvent<Awaited<T>, K>> {
  const checked = checkedIterable('make events', items) as AnyIterable<T>;
  const own = ownOptions('eventsOf', options, checks);
  return { [Symbol.asyncIterator]: () => new Events(checked, own) as AsyncIterator<StreamEvent<Awaited<T>, K>> };
}

const over: IteratorResult<never, undefined> = { value: undefined, done: true };

interface Delivered<T> {
  readonly number: number;
  readonly item: T;
  readonly attempt: number;
}

/**
 * One reading of the items.
 *
 * Invariant: of the items, at most one was asked for that has not come.
 */
class Events<T, K> implements AsyncIterator<StreamEvent<T, K>> {
  readonly #options: EventsOptions<T, K>;
  readonly #items: Iterator<T> | AsyncIterator<T>;
  readonly #acks = new AckRun();

  /** The events that were handed back, and are to be delivered again. */
  readonly #again: Delivered<T>[] = [];
  #number = 0;
  #pending: Promise<void> | undefined;

  /** An item that has come while one was delivered again. */
  #arrived: IteratorResult<T> | undefined;
  #isOver = false;
  #wake: (() => void) | undefined;
  #committed = 0;
  #committing: Promise<void> | undefined;

  constructor(items: AnyIterable<T>, options: EventsOptions<T, K>) {
    this.#options = options;
    this.#items =
      Symbol.asyncIterator in items ? items[Symbol.asyncIterator]() : (items as Iterable<T>)[Symbol.iterator]();
  }

  async next(): Promise<IteratorResult<StreamEvent<T, K>, undefined>> {
    for (;;) {
      const again = this.#again.shift();
      if (again) return { value: this.#event(again), done: false };
      const arrived = this.#arrived;
      this.#arrived = undefined;
      if (arrived?.done) this.#isOver = true;
      if (this.#isOver) return over;
      if (arrived) {
        const item = await arrived.value;
        return { value: this.#event({ number: this.#number++, item, attempt: 1 }), done: false };
      }
      this.#pending ??= this.#ask();
      // Events that are handed back meanwhile come first.
      const woken = new Promise<void>((resolve) => (this.#wake = resolve));
      await Promise.race([this.#pending, woken]);
    }
  }

  async return(): Promise<IteratorResult<StreamEvent<T, K>, undefined>> {
    const wasOver = this.#isOver;
    this.#isOver = true;
    this.#again.length = 0;
    this.#wake?.();
    if (!wasOver) await this.#items.return?.();
    return over;
  }

  async #ask(): Promise<void> {
    try {
      this.#arrived = await this.#items.next();
    } catch (error) {
      this.#isOver = true;
      throw error;
    } finally {
      this.#pending = undefined;
    }
  }

  #event(delivered: Delivered<T>): StreamEvent<T, K> {
    const { item, attempt } = delivered;
    const { key, headers } = this.#options;
    return new StreamEvent<T, K>(item, {
      key: key?.(item),
      headers: headers?.(item),
      message: item,
      attempt,
      settle: (outcome) => this.#settle(delivered, outcome),
    });
  }

  #settle(delivered: Delivered<T>, outcome: Outcome): unknown {
    if (outcome === 'nack') {
      if (!this.#isOver) this.#again.push({ ...delivered, attempt: delivered.attempt + 1 });
      return this.#wake?.();
    }
    if (!this.#acks.ack(delivered.number) || !this.#options.commit) return undefined;
    return (this.#committing ??= this.#commit());
  }

  /** Commits what there is, until that is all. */
  async #commit(): Promise<void> {
    try {
      while (this.#committed < this.#acks.position) {
        const { position } = this.#acks;
        await this.#options.commit?.(position);
        this.#committed = position;
      }
    } finally {
      this.#committing = undefined;
    }
  }
}
