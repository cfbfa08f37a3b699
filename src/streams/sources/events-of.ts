/** Events of the items of any iterable: handed back ones come again, and what is through is committed. @module */

import { Promise } from '../../base/intrinsics.ts';
import { kind, ownOptions } from '../../base/options.ts';
import { checkedStep } from '../../channel/protocol.ts';
import { eventOptions, StreamEvent } from '../events/event.ts';
import type { EventHeaders } from '../events/event.ts';
import { checkedIterable } from '../arguments/iterables.ts';
import type { AnyIterable } from '../arguments/iterables.ts';
import { settled } from '../run/scope.ts';
import { Source } from './source-pull.ts';
import { Receipt } from '../events/receipt.ts';
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
  readonly #items: Source;
  readonly #acks = new AckRun();

  /** The events that were handed back, and are to be delivered again. */
  readonly #again: Delivered<T>[] = [];
  #number = 0;
  #isPending = false;

  /** An item that has come while one was delivered again. */
  #arrived: IteratorResult<T> | undefined;

  /** The error with which the items have ended while one was delivered again. */
  #failure: { readonly error: unknown } | undefined;
  #isOver = false;

  /** Tell those who wait for an event to look again. */
  #waiting: (() => void)[] = [];
  #committed = 0;
  #committing: Promise<void> | undefined;

  constructor(items: AnyIterable<T>, options: EventsOptions<T, K>) {
    this.#options = options;
    this.#items = new Source(items);
  }

  async next(): Promise<IteratorResult<StreamEvent<T, K>, undefined>> {
    for (;;) {
      const again = this.#again.shift();
      if (again) return { value: this.#event(again), done: false };
      const arrived = this.#arrived;
      this.#arrived = undefined;
      if (arrived?.done) this.#isOver = true;
      this.#tell();
      if (this.#isOver) return over;
      if (arrived) return { value: await this.#first(arrived.value), done: false };
      // Events that are handed back meanwhile come first. Items may fail at once, so that whoever waits is there before.
      const woken = new Promise<void>((resolve) => this.#waiting.push(resolve));
      if (!this.#isPending) void this.#ask();
      await woken;
    }
  }

  async return(): Promise<IteratorResult<StreamEvent<T, K>, undefined>> {
    this.#isOver = true;
    this.#again.length = 0;
    this.#wake();
    await this.#items.close();
    return over;
  }

  #wake(): void {
    for (const wake of this.#waiting.splice(0)) wake();
  }

  async #ask(): Promise<void> {
    this.#isPending = true;
    this.#items.isAsked = true;
    try {
      this.#arrived = checkedStep((await this.#items.step()) as IteratorResult<T>);
      if (this.#arrived.done) this.#items.isOver = true;
    } catch (error) {
      this.#isOver = true;
      this.#items.isOver = true;
      this.#failure = { error };
    }
    this.#items.isAsked = false;
    this.#isPending = false;
    this.#wake();
  }

  /** Throws the error with which the items have ended, once. */
  #tell(): void {
    const failure = this.#failure;
    this.#failure = undefined;
    if (failure) throw failure.error;
  }

  /** The event of a new item. If there is none, whoever takes the events does not close them: the items are closed here. */
  async #first(value: T): Promise<StreamEvent<T, K>> {
    try {
      const item = await value;
      return this.#event({ number: this.#number++, item, attempt: 1 });
    } catch (error) {
      this.#isOver = true;
      await settled(async () => this.#items.close());
      throw error;
    }
  }

  #event(delivered: Delivered<T>): StreamEvent<T, K> {
    const { item, attempt } = delivered;
    const { key, headers } = this.#options;
    const receipt = new Receipt(
      (outcome) => this.#settle(delivered, outcome),
      () => !this.#isOver,
    );
    const own = eventOptions({ key: key?.(item), headers: headers?.(item), message: item, attempt });
    return new StreamEvent<T, K>(item, own, receipt.part());
  }

  #settle(delivered: Delivered<T>, outcome: Outcome): unknown {
    if (outcome === 'nack') {
      if (!this.#isOver) this.#again.push({ ...delivered, attempt: delivered.attempt + 1 });
      return this.#wake();
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
