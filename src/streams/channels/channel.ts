/** Channels in process: what is sent goes to each of those who have subscribed. @module */

import type { AsyncItems } from '../../base/async-items.ts';
import { Promise } from '../../base/intrinsics.ts';
import { configuration } from '../../base/config.ts';
import { argumentError, OffloopError } from '../../base/errors.ts';
import { count, oneOf, ownOptions } from '../../base/options.ts';
import type { Check } from '../../base/options.ts';
import { signalCheck } from '../../base/signal.ts';
import type { Overflow } from '../../channel/ring/ring.ts';
import { isEvent, StreamEvent } from '../events/event.ts';
import type { StreamEventOptions } from '../events/event.ts';
import { settled } from '../run/scope.ts';
import type { Receiver } from '../run/sink.ts';
import { Subscriber } from './subscriber.ts';

/** Options of `channel`, for subscribers that say nothing else. */
export interface ChannelOptions {
  /** How many items may wait for one subscriber; a whole number from 0. @defaultValue as `configure` says: `1024` */
  maxSize?: number | undefined;

  /**
   * How a full subscriber is treated: with `'block'` the sender waits, `'error'` rejects with `ERR_OFFLOOP_OVERFLOW`,
   * `'drop-oldest'` and `'drop-newest'` drop an item, for that subscriber alone. @defaultValue `'block'`
   */
  overflow?: Overflow | undefined;
}

/** Options of one subscriber. */
export interface SubscribeOptions extends ChannelOptions {
  /** Ends the subscription. @defaultValue none */
  signal?: AbortSignal | undefined;
}

const checks: Readonly<Record<keyof ChannelOptions, Check>> = {
  maxSize: count(0, { unbounded: true }),
  overflow: oneOf('block', 'error', 'drop-oldest', 'drop-newest'),
};

/** An async iterator over the items that are sent from now on; `break` and `return()` end it. */
export interface Subscription<T> extends AsyncItems<T, undefined> {
  /** How many items wait. */
  readonly size: number;

  /** How many were dropped, because of `overflow`. */
  readonly dropped: number;

  /** Whether it has ended. */
  readonly closed: boolean;

  /** Ends it: what waits is dropped, and events are handed back. `return()` does that too, and tells if a source fails then. */
  close(): void;
}

/** The options, each of which is given. */
interface Bounds {
  readonly maxSize: number;
  readonly overflow: Overflow;
}

type Item<T> = T | StreamEvent<T>;

/**
 * A channel that any number of consumers subscribe to, each of whom gets every item, in order. A channel gives what was
 * sent: a value as a value, an event as an event. A stream over it subscribes with its first `next()`. Without a
 * subscriber, items wait for the first one.
 *
 * Invariant: while there is a subscriber nothing waits in the channel itself.
 */
export class StreamChannel<T> implements AsyncIterable<Item<T>>, AsyncDisposable, Receiver<T> {
  readonly #options: Bounds;
  readonly #subscribers = new Set<Subscriber<Item<T>>>();

  /** The items that were sent while nobody had subscribed. */
  readonly #waiting: Subscriber<Item<T>>;
  #end: [] | [unknown] | undefined;

  constructor(given: ChannelOptions = {}) {
    const options = ownOptions('channel', given, checks);
    this.#options = together('channel', options, { maxSize: configuration.maxSize, overflow: 'block' });
    this.#waiting = new Subscriber(this.#options);
  }

  /** How many have subscribed. */
  get subscribers(): number {
    return this.#subscribers.size;
  }

  /** Whether it was ended. */
  get closed(): boolean {
    return this.#end !== undefined;
  }

  /**
   * Sends `value` to all subscribers, as an event if a key or the like is given. Resolves once each has room for it, or has
   * dropped it: the slowest bounds the sender.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_CLOSED` if the channel was ended; `ERR_OFFLOOP_OVERFLOW` if a subscriber with
   * `overflow: 'error'` has no room.
   */
  async send(value: T, options?: StreamEventOptions): Promise<void> {
    await this.receive(options === undefined ? value : new StreamEvent(value, options));
  }

  /**
   * Gets what is sent from now on, and, as the first one, what waits.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range.
   */
  subscribe(given: SubscribeOptions = {}): Subscription<Item<T>> {
    const { signal, ...own } = ownOptions('subscribe', given, { ...checks, signal: signalCheck });
    const options = together('subscribe', own, this.#options);
    const leave = (): void => void this.#subscribers.delete(subscription);
    const subscription = new Subscriber<Item<T>>({ ...options, signal }, leave);
    // The signal may be aborted already.
    if (subscription.closed) return subscription;
    this.#subscribers.add(subscription);
    // Senders that wait for room go on as the items move.
    for (let step = this.#waiting.tryNext(); step && !step.done; step = this.#waiting.tryNext())
      void this.#put(subscription, step.value).catch(() => undefined);
    if (this.#end) subscription.end(...this.#end);
    return subscription;
  }

  /** After the items comes the end, or with an argument its `error`; nothing more can be sent. */
  end(...error: [] | [unknown]): void {
    if (this.#end) return;
    this.#end = error;
    for (const subscription of this.#subscribers) subscription.end(...error);
  }

  /** Subscribes. */
  [Symbol.asyncIterator](): Subscription<Item<T>> {
    return this.subscribe();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.end();
  }

  /** As {@link send}, of a value or an event as it is. */
  async receive(item: Item<T>): Promise<void> {
    if (this.#end) throw closedError();
    const targets = [...this.#subscribers];
    if (targets.length === 0) return this.#waiting.put(item);
    // The event is settled once it is for each of them.
    const items = targets.map((_, i) => (i > 0 && isEvent(item) ? item.share() : item));
    await Promise.all(targets.map(async (target, i) => this.#put(target, items[i] as Item<T>)));
  }

  /** A subscriber that has left gets nothing, and the sender hears of no error. */
  async #put(subscription: Subscriber<Item<T>>, item: Item<T>): Promise<void> {
    try {
      await subscription.put(item);
    } catch (error) {
      // A subscriber without room has not dealt with the item; the others need not wait for it.
      const refused = isEvent(item) ? await settled(async () => item.conclude('nack')) : undefined;
      if (!subscription.closed) throw error;
      if (refused) throw refused.error;
    }
  }
}

/** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if the options do not go together. */
function together(of: string, options: ChannelOptions, defaults: Bounds): Bounds {
  const { maxSize = defaults.maxSize, overflow = defaults.overflow } = options;
  if (maxSize === 0 && overflow !== 'block')
    throw argumentError(`Cannot use the option overflow of ${of}: nothing can overflow with maxSize 0`);
  return { maxSize, overflow };
}

function closedError(): OffloopError {
  return new OffloopError('ERR_OFFLOOP_CLOSED', 'Cannot send: the channel was ended');
}

/**
 * Makes a channel in process.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range.
 *
 * @example
 * ```ts
 * const orders = channel<Order>({ maxSize: 100 });
 * const large = stream(orders).filter(({ amount }) => amount > 1000);
 * await orders.send({ amount: 2000 });
 * ```
 */
export function channel<T>(options?: ChannelOptions): StreamChannel<T> {
  return new StreamChannel<T>(options);
}
