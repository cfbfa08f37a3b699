/** The consumer's side of a channel, in the one thread that takes its items. @module */

import { now, setImmediate } from '../base/clock.ts';
import { OffloopError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { mayHold } from '../wait/holders.ts';
import type { WaitOptions } from '../wait/wait-options.ts';
import { BUSY, numberMask, Word } from './arena.ts';
import type { Arena } from './arena.ts';
import { ChannelReader, ENDED, NONE } from './channel-reader.ts';
import { revive } from './item.ts';
import { self } from './primitive.ts';
import { WaitQueue } from './wait-queue.ts';

/** How long {@link ChannelConsumer.takeAll} goes on trying while another thread has the lock, in milliseconds. */
const longestBusy = 5;

/** How long items are taken, in milliseconds, before the thread's event loop turns for timers and sockets. */
const longestDrain = 4;

/** The clock is read after so many items. */
const takenBetween = 64;

const end: IteratorReturnResult<undefined> = { value: undefined, done: true };

/** The next item, or the end. */
type Step<T> = IteratorResult<T, undefined>;

/**
 * Takes items, in order.
 *
 * Invariant: between `enter` and the `leave` that belongs to it, no other thread takes items.
 */
export class ChannelConsumer<T> {
  readonly #words: Int32Array;
  readonly #reader: ChannelReader;
  readonly #dropsOldest: boolean;
  readonly #room: WaitQueue;
  readonly #items: WaitQueue;

  /** How many gets and iterations of this thread are in progress. */
  #consuming = 0;

  /** An error of reviving an item that `takeAll` took after others; the next call that takes items throws it. */
  #failed: { readonly error: unknown } | undefined;

  /** How many items were asked for by code that awaits them, and when the event loop was last made to turn for others. */
  #taken = 0;
  #turnedAt = 0;

  /** `room` is where producers wait. */
  constructor(arena: Arena, room: WaitQueue) {
    this.#words = arena.words;
    this.#reader = new ChannelReader(arena);
    this.#dropsOldest = arena.overflow === 'drop-oldest';
    this.#room = room;
    this.#items = new WaitQueue(arena.words, Word.items, 'an item of the channel');
  }

  /** How many items wait. */
  get size(): number {
    return ((Atomics.load(this.#words, Word.produced) >>> 1) - Atomics.load(this.#words, Word.taken)) & numberMask;
  }

  /** There may be an item, or the end. */
  wake(): void {
    this.#items.wake();
  }

  /** Makes this thread the consumer. */
  enter(): void {
    if (this.#consuming === 0) {
      mayHold('channel', this.#words);
      const consumer = Atomics.compareExchange(this.#words, Word.consumer, 0, self);
      if (consumer !== 0 && consumer !== self)
        throw new OffloopError('ERR_OFFLOOP_BUSY', 'Cannot take items of the channel: another thread is taking them');
    }
    this.#consuming += 1;
  }

  leave(): void {
    this.#consuming -= 1;
    if (this.#consuming === 0) Atomics.compareExchange(this.#words, Word.consumer, self, 0);
  }

  /** Waits for the next step. Makes the event loop turn now and then, in case there is always an item. */
  async next(limits: WaitOptions): Promise<Step<T>> {
    this.#taken += 1;
    if (this.#taken % takenBetween === 0 && now() - this.#turnedAt > longestDrain) {
      await new Promise<void>((resolve) => setImmediate(resolve));
      this.#turnedAt = now();
    }
    return this.#items.wait(this.#take, limits);
  }

  /** Blocks this thread until the next step. */
  block(limits: WaitOptions): Step<T> {
    return this.#items.block(this.#take, limits);
  }

  /** Takes the items that wait; those who wait for one in this thread are served before. */
  takeAll(): T[] {
    if (this.#items.isAwaited) this.#items.serve();
    this.#throwLate();
    const items: T[] = [];
    const begin = now();
    for (let left = this.size; left > 0;) {
      try {
        const step = this.#take();
        if (step?.done || (!step && (this.size === 0 || now() - begin > longestBusy))) break;
        if (!step) continue;
        items.push(step.value);
        left -= 1;
      } catch (error) {
        if (items.length === 0) throw error;
        this.#failed = { error };
        break;
      }
    }
    return items;
  }

  /** Takes the next step, if there is one. If reviving an item throws, the item is taken all the same. */
  readonly #take = (): Step<T> | undefined => {
    this.#throwLate();
    const read = this.#reader.take();
    if (read === BUSY) return undefined;
    // Producers may wait for the lock that the reader had.
    if (typeof read !== 'symbol' || this.#dropsOldest) this.#room.wake();
    if (read === NONE) return undefined;
    if (read === ENDED) return end;
    return { value: revive(read) as T, done: false };
  };

  #throwLate(): void {
    const failed = this.#failed;
    if (!failed) return;
    this.#failed = undefined;
    throw failed.error;
  }
}
