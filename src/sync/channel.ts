/** A channel between threads. @module */

import { OffloopError } from '../base/errors.ts';
import { noOptions } from '../wait/wait-options.ts';
import type { WaitOptions } from '../wait/wait-options.ts';
import { defineHolding, mayHold } from '../wait/holders.ts';
import { bare } from '../base/options.ts';
import type { Overflow } from '../channel/ring/ring.ts';
import { Arena, BUSY, channelMemory, Word } from './arena.ts';
import { ChannelConsumer } from './channel-consumer.ts';
import { boundsOf } from './channel-options.ts';
import type { ChannelOptions } from './channel-options.ts';
import { snapshotOf } from './channel-snapshot.ts';
import { BEATEN, ChannelWriter, DROPPED, FULL, PUT } from './channel-writer.ts';
import type { Outcome } from './channel-writer.ts';
import { encode, revive } from './item.ts';
import type { Item } from './item.ts';
import { WaitQueue, wakeAll } from './wait-queue.ts';
import { arriveAs, memoryOf, Primitive } from './primitive.ts';

/** How often {@link Channel.tryPut} tries while another thread has the lock. */
const mostTries = 100;

/**
 * A queue of items between threads: with many producers in any threads, and one consumer in any one thread.
 *
 * - The consumer gets items in the order in which they were put, over all producers; each once. `undefined` is an item
 *   too.
 * - `put` copies the item: the consumer does not see later changes to it.
 * - The copy consists of bytes. It keeps what structured clone keeps, and also `Buffer`s, `URL`s, errors and instances
 *   of registered classes. Functions, ports, shared memory and other values that are not bytes do not cross in an item.
 * - While `maxSize` items wait, or the items that wait fill `maxBytes`, `put` waits. Memory is reused, but not freed
 *   before the channel is garbage-collected.
 * - With `overflow`, producers need not wait for room. It means the same with one producer and with many:
 *   `'drop-newest'` drops the item that is being put, `'error'` refuses it, and `'drop-oldest'` drops the items that
 *   have waited longest, whichever thread put them. {@link Channel.dropped} counts all of these; the other items come
 *   in order, each once and whole. An item that is too large even for an empty channel is refused, and nothing is
 *   dropped for it.
 * - {@link Channel.snapshot} shows one moment: with several threads at work the result may be out of date already.
 *   {@link Channel.drain} takes the items that wait, as the consumer.
 * - After {@link Channel.close}, by any thread, the items that were put can still be taken, then the channel is over;
 *   further puts throw.
 * - One thread consumes at a time: while it waits for an item, or iterates, other threads that try are refused by
 *   `ERR_OFFLOOP_BUSY`. Leaving an iteration, also by `break`, does not close the channel; another iteration may go on.
 *
 * A channel crosses threads in arguments and results, and is the same channel there. If a thread ends while it puts or
 * takes an item, the channel stays intact: the item is either in it or not, and items dropped to make room for it stay
 * dropped. On the main side, a wait with a timeout keeps the process alive until it ends; a wait without one does not.
 *
 * @example
 * ```ts
 * const count = threaded(function count(channel: Channel<number>, n: number) {
 *   for (let i = 0; i < n; i += 1) channel.put(i);
 *   channel.close();
 * });
 * const channel = new Channel<number>({ maxSize: 64 });
 * const counting = count(channel, 1000);
 * for await (const i of channel) console.log(i);
 * await counting;
 * ```
 */
export class Channel<T = unknown> extends Primitive implements Disposable {
  readonly #words: Int32Array;
  readonly #maxSize: number;
  readonly #maxBytes: number;
  readonly #overflow: Overflow;
  readonly #arena: Arena;

  /** The default limits of waits. */
  readonly #limits: WaitOptions = noOptions;
  readonly #writer: ChannelWriter;
  readonly #room: WaitQueue;
  readonly #consumer: ChannelConsumer<T>;

  /** @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or has a wrong value. */
  constructor(options: ChannelOptions = {}) {
    const bounds = boundsOf(options);
    super('Channel', () => channelMemory(bounds));
    const arena = new Arena(memoryOf(this));
    this.#arena = arena;
    this.#words = arena.words;
    this.#overflow = arena.overflow;
    this.#maxSize = arena.maxSize;
    this.#maxBytes = arena.maxBytes;
    if (arena.timeout !== Infinity) this.#limits = bare({ timeout: arena.timeout });
    this.#writer = new ChannelWriter(arena);
    this.#room = new WaitQueue(this.#words, Word.room, 'room in the channel');
    this.#consumer = new ChannelConsumer(arena, this.#room);
  }

  /** How many items wait to be taken. */
  get size(): number {
    return this.#consumer.size;
  }

  /** Whether the channel is closed; there may still be items. */
  get closed(): boolean {
    return (Atomics.load(this.#words, Word.produced) & 1) === 1;
  }

  /** How many items may wait before producers have to. */
  get maxSize(): number {
    return this.#maxSize;
  }

  /** How many bytes the items that wait may take. */
  get maxBytes(): number {
    return this.#maxBytes;
  }

  /** The policy for items that find no room. */
  get overflow(): Overflow {
    return this.#overflow;
  }

  /**
   * How many items were dropped or refused, because of `overflow`, over all producers. If a thread was terminated just
   * while it dropped the oldest item, the count may be one too high.
   */
  get dropped(): number {
    return Atomics.load(this.#words, Word.dropped) >>> 0;
  }

  /** The default timeout of waits, in milliseconds. */
  get timeout(): number {
    return this.#limits.timeout ?? Infinity;
  }

  /**
   * Puts an item at the end. If there is no room, blocks this thread, or applies the `overflow` policy and returns at
   * once. After an error the item was not put.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_CLOSED` if the channel is closed, also while the put waits. With
   *   `'drop-oldest'`, items may have been dropped for it.
   * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE` if the item cannot be copied as bytes; the error names the path.
   * @throws {OffloopError} `ERR_OFFLOOP_OVERFLOW` if the item is too large even for an empty channel, or finds no room
   *   and `overflow` is `'error'`.
   * @throws {OffloopError} `ERR_OFFLOOP_TIMEOUT` after `timeout`.
   * @throws {OffloopError} `ERR_OFFLOOP_NEVER_SETTLES` if no other thread is left that could end the wait.
   * @throws {OffloopError} `ERR_OFFLOOP_WOULD_BLOCK` on the main side; there, use {@link Channel.putAsync}.
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or has a wrong value.
   * @throws `signal.reason` if `signal` is aborted, or the reason for which the running call was given up.
   */
  put(value: T, options?: WaitOptions): void {
    const item = encode(value);
    this.#room.block(() => this.#attempt(item), this.#within(options));
  }

  /**
   * Puts an item at the end, and resolves once it is there; waits while there is no room. Works in every thread. Calls
   * in one thread are served in order.
   *
   * @throws As {@link Channel.put}, but never `ERR_OFFLOOP_WOULD_BLOCK`; `ERR_OFFLOOP_NEVER_SETTLES` only if a module's
   * top level awaits it and the process would end.
   */
  async putAsync(value: T, options?: WaitOptions): Promise<void> {
    const item = encode(value);
    await this.#room.wait(() => this.#attempt(item), this.#within(options));
  }

  /**
   * Puts an item if there is room for it, or `overflow` makes room; returns whether it did. May also return `false`,
   * without counting the item as dropped, while another thread is just putting one.
   *
   * @throws As {@link Channel.put}, except for the errors of waiting.
   */
  tryPut(value: T): boolean {
    if (this.#room.isAwaited) return false;
    const item = encode(value);
    let outcome = this.#put(item);
    for (let tries = 1; outcome === BUSY && tries < mostTries; tries += 1) outcome = this.#put(item);
    return outcome === PUT;
  }

  /**
   * Resolves with the next item. Calls in one thread are served in order.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_BUSY` while another thread takes items.
   * @throws {OffloopError} `ERR_OFFLOOP_CLOSED` once the channel is closed and empty.
   * @throws {OffloopError} `ERR_OFFLOOP_TIMEOUT` after `timeout`; no item is lost.
   * @throws {OffloopError} `ERR_OFFLOOP_NEVER_SETTLES` if a module's top level awaits it and the process would end.
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or has a wrong value.
   * @throws `signal.reason` if `signal` is aborted, or the reason for which the running call was given up; no item is
   * lost.
   */
  async get(options?: WaitOptions): Promise<T> {
    this.#consumer.enter();
    try {
      return valueOf(await this.#consumer.next(this.#within(options)));
    } finally {
      this.#consumer.leave();
    }
  }

  /**
   * Returns the next item; blocks this thread while there is none.
   *
   * @throws As {@link Channel.get}; `ERR_OFFLOOP_WOULD_BLOCK` on the main side; and `ERR_OFFLOOP_NEVER_SETTLES` if no
   *   other thread is left that could put an item.
   */
  syncGet(options?: WaitOptions): T {
    this.#consumer.enter();
    try {
      return valueOf(this.#consumer.block(this.#within(options)));
    } finally {
      this.#consumer.leave();
    }
  }

  /**
   * Copies the items that wait, oldest first, without taking them. Works in any thread; all of the items waited
   * together at one moment during the call, even if other threads put and take items meanwhile.
   *
   * @throws The error that a `[fromThread]` method throws.
   */
  snapshot(): T[] {
    return snapshotOf(this.#arena).map((read) => revive(read) as T);
  }

  /**
   * Takes the items that wait, oldest first; pending {@link Channel.get} calls of this thread are served before. Items
   * that are put meanwhile may be left; with `'drop-oldest'`, so may others, while other threads keep the channel busy.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_BUSY` while another thread takes items.
   * @throws The error that a `[fromThread]` method throws for the first item. An error for a later item is thrown by
   *   the next call of this thread that takes items.
   */
  drain(): T[] {
    this.#consumer.enter();
    try {
      return this.#consumer.takeAll();
    } finally {
      this.#consumer.leave();
    }
  }

  /** Iterates over the items until the channel is closed and empty; the channel's `timeout` applies to each item. */
  async *[Symbol.asyncIterator](): AsyncGenerator<T, undefined> {
    this.#consumer.enter();
    try {
      const consumer = this.#consumer;
      const limits = this.#limits;
      for (let step = await consumer.next(limits); !step.done; step = await consumer.next(limits)) yield step.value;
      return undefined;
    } finally {
      this.#consumer.leave();
    }
  }

  /** As the asynchronous iterator, but blocks this thread while there is no item. */
  *[Symbol.iterator](): Generator<T, undefined> {
    this.#consumer.enter();
    try {
      const block = (): IteratorResult<T, undefined> => this.#consumer.block(this.#limits);
      for (let step = block(); !step.done; step = block()) yield step.value;
      return undefined;
    } finally {
      this.#consumer.leave();
    }
  }

  /** Closes the channel: the items that were put can still be taken. Does nothing if it is closed already. */
  close(): void {
    mayHold('channel', this.#words);
    if ((Atomics.or(this.#words, Word.produced, 1) & 1) === 1) return;
    this.#consumer.wake();
    this.#room.wake();
  }

  /** Closes the channel, for all threads: `using channel = new Channel()`. */
  [Symbol.dispose](): void {
    this.close();
  }

  protected override facts(): object {
    const { size, maxSize, closed, overflow, dropped } = this;
    return overflow === 'block' ? { size, maxSize, closed } : { size, maxSize, closed, overflow, dropped };
  }

  /** The limits of a wait: `options`, with the channel's `timeout` as their default. */
  #within(options: WaitOptions | undefined): WaitOptions {
    if (options === undefined) return this.#limits;
    const { timeout } = this.#limits;
    if (timeout === undefined || Object(options) !== options) return options;
    const own = bare(options);
    own.timeout ??= timeout;
    return own;
  }

  #attempt(item: Item): true | undefined {
    const outcome = this.#put(item);
    return outcome === PUT || outcome === DROPPED ? true : undefined;
  }

  #put(item: Item): Outcome {
    mayHold('channel', this.#words);
    let outcome: Outcome = BEATEN;
    try {
      outcome = this.#writer.put(item);
    } finally {
      // Other producers may wait for the lock that this thread had. If it found no room, they would find none either.
      if (outcome !== BUSY && outcome !== FULL) {
        this.#room.wake();
        if (outcome === PUT || this.#overflow === 'drop-oldest') this.#consumer.wake();
      }
    }
    return outcome;
  }
}

function valueOf<T>(step: IteratorResult<T, undefined>): T {
  if (!step.done) return step.value;
  throw new OffloopError('ERR_OFFLOOP_CLOSED', 'Cannot take an item: the channel is closed and empty');
}

arriveAs('Channel', () => new Channel());

defineHolding('channel', {
  recover(words, threadId) {
    // No repair is needed: puts and takes take effect by single stores.
    Atomics.compareExchange(words, Word.lock, threadId + 1, 0);
    Atomics.compareExchange(words, Word.consumer, threadId + 1, 0);
    wakeAll(words, Word.room);
    wakeAll(words, Word.items);
  },
  isHeldBy: (words, threadId) => [Word.lock, Word.consumer].some((at) => Atomics.load(words, at) === threadId + 1),
});
