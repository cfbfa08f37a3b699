/** The bounded channel within one thread: it takes any values and copies none. @module */

import type { Keeper } from '../base/clock.ts';
import { clockOf } from '../codec/live/clocked.ts';
import { onAbort } from '../codec/live/on-abort.ts';
import { OffloopError } from '../base/errors.ts';
import { Fifo } from '../base/fifo.ts';
import { Promise } from '../base/intrinsics.ts';
import { reasonOf } from '../base/signal.ts';
import { overflowError } from './overflow.ts';
import type { Overflow } from './ring/ring.ts';

/** The options of a {@link LocalChannel}. */
export interface LocalChannelOptions {
  /** How many items may wait; with 0, a `put` waits for a `next()` that takes its item. */
  readonly maxSize: number;
  readonly overflow: Overflow;

  /**
   * Closes the channel when it is aborted; the first pending `next()`, or else the following one, rejects with the
   * reason.
   */
  readonly signal?: AbortSignal | undefined;
}

interface Waiter<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(reason: unknown): void;
}

/** A `put` that waits for room, with its item. */
interface Putter<T> {
  readonly item: T;
  resolve(): void;
  reject(reason: unknown): void;
}

const done: IteratorResult<never, undefined> = { value: undefined, done: true };

/**
 * Passes items from any number of producers to one consumer, in the order in which they were put. At most `maxSize`
 * items wait; a further `put` waits for room (`block`), or does what `overflow` says. Several `next()` at once are
 * answered in order. After {@link LocalChannel.end} the consumer still gets the items that were put before, also those
 * that waited for room, and then the end, or the error once. After {@link LocalChannel.close} the consumer gets no
 * items, and puts are refused.
 *
 * Invariant: while a `next()` waits there is no item; while a `put` waits there is no room.
 */
export class LocalChannel<T> implements AsyncIterableIterator<T> {
  readonly maxSize: number;
  readonly #overflow: Overflow;
  readonly #items = new Fifo<T>();
  #dropped = 0;
  readonly #waiters = new Fifo<Waiter<T>>();
  readonly #putters = new Fifo<Putter<T>>();

  /** The end that comes after the items, once a producer has set it. */
  #end: { readonly error?: unknown; readonly isError: boolean } | undefined;
  #isClosed = false;

  /** The reason of an abort, until a `next()` rejects with it. */
  #aborted: { readonly reason: unknown } | undefined;
  #stopSignal: (() => void) | undefined;

  /** Keeps the process alive for a signal with a timer while a `next()` is pending. */
  #clock: Keeper | undefined;

  constructor({ maxSize, overflow, signal }: LocalChannelOptions) {
    this.maxSize = maxSize;
    this.#overflow = overflow;
    if (!signal) return;
    const abort = (): void => this.#abort(reasonOf(signal));
    if (signal.aborted) {
      abort();
      return;
    }
    this.#clock = clockOf(signal);
    this.#stopSignal = onAbort(signal, abort);
  }

  /** How many items wait to be taken. */
  get size(): number {
    return this.#items.size;
  }

  /** How many items were dropped or refused because there was no room. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether the consumer gets no more items. */
  get closed(): boolean {
    return this.#isClosed;
  }

  /**
   * Resolves once the item is in the channel, or was dropped as `overflow` says.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_CLOSED` if the channel was ended or closed, also while the put waits;
   * `ERR_OFFLOOP_OVERFLOW` if there is no room, with `overflow: 'error'`.
   */
  async put(item: T): Promise<void> {
    if (this.tryPut(item)) return undefined;
    if (this.#overflow === 'block')
      return new Promise<void>((resolve, reject) => this.#putters.push({ item, resolve, reject }));
    this.#dropped += 1;
    if (this.#overflow === 'error') throw overflowError('put', this.maxSize);
    if (this.#overflow === 'drop-newest') return undefined;
    this.#items.shift();
    this.#items.push(item);
    return undefined;
  }

  /**
   * Puts the item, if there is room for it now; gives whether it did.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_CLOSED` if the channel was ended or closed.
   */
  tryPut(item: T): boolean {
    if (this.#isClosed || this.#end) throw closedError();
    const waiter = this.#waiters.shift();
    if (this.#waiters.size === 0) this.#clock?.letGo();
    if (waiter) waiter.resolve({ value: item, done: false });
    else if (this.size < this.maxSize) this.#items.push(item);
    else return false;
    return true;
  }

  /** Refuses further puts: after the items that were put, the consumer gets the end, or the `error` if one is given. */
  end(...error: [] | [unknown]): void {
    if (this.#isClosed || this.#end) return;
    this.#end = error.length > 0 ? { error: error[0], isError: true } : { isError: false };
    if (this.#waiters.size > 0) this.#giveEnd();
  }

  /** Takes the next item, if one waits, be it for room. */
  tryNext(): IteratorResult<T, undefined> | undefined {
    if (this.size === 0) {
      // With `maxSize` 0 there is never room.
      const putter = this.#putters.shift();
      putter?.resolve();
      return putter && { value: putter.item, done: false };
    }
    const value = this.#items.shift() as T;
    this.#admit();
    return { value, done: false };
  }

  next(): Promise<IteratorResult<T, undefined>> {
    const step = this.tryNext();
    if (step) return Promise.resolve(step);
    if (this.#isClosed) return this.#over();
    const result = new Promise<IteratorResult<T, undefined>>((resolve, reject) =>
      this.#waiters.push({ resolve, reject }),
    );
    this.#clock?.hold();
    if (this.#end) this.#giveEnd();
    return result;
  }

  /** Closes the channel, as leaving a loop does. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.close();
    return done;
  }

  /**
   * Closes the channel on the consumer's side: items that wait are dropped, and puts that wait for room are refused.
   */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopSignal?.();
    this.#clock?.letGo();
    this.#items.drain();
    for (const { reject } of this.#putters.drain()) reject(closedError());
    for (const { resolve } of this.#waiters.drain()) resolve(done);
  }

  /** The item that is taken next; it stays. */
  get first(): T | undefined {
    return this.#items.first;
  }

  /** The items that wait, oldest first; they are not taken. */
  snapshot(): T[] {
    return this.#items.snapshot();
  }

  /** Takes all items that wait, oldest first. */
  drain(): T[] {
    const items = this.#items.drain();
    for (let i = 0; i < items.length; i += 1) this.#admit();
    return items;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  /** Moves the item of the first waiting `put` into the channel, if there is room. */
  #admit(): void {
    if (this.size >= this.maxSize) return;
    const putter = this.#putters.shift();
    if (!putter) return;
    this.#items.push(putter.item);
    putter.resolve();
  }

  /** Ends the channel once it is empty: an error rejects the first pending `next()`; the others are done. */
  #giveEnd(): void {
    const end = this.#end;
    if (end?.isError) this.#waiters.shift()?.reject(end.error);
    this.close();
  }

  #abort(reason: unknown): void {
    const first = this.#waiters.shift();
    if (first) first.reject(reason);
    else this.#aborted = { reason };
    this.close();
  }

  #over(): Promise<IteratorResult<T, undefined>> {
    const aborted = this.#aborted;
    this.#aborted = undefined;
    return aborted ? Promise.reject(aborted.reason) : Promise.resolve(done);
  }
}

function closedError(): OffloopError {
  return new OffloopError('ERR_OFFLOOP_CLOSED', 'Cannot put an item: the channel is closed');
}
