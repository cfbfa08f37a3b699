/** The bounded channel within one thread: any values, as they are; no call and no other thread. @module */

import { onAbort } from '../codec/on-abort.ts';
import { OffloopError } from '../base/errors.ts';
import { Promise } from '../base/intrinsics.ts';
import { reasonOf } from '../base/signal.ts';
import { overflowError } from './overflow.ts';
import type { Overflow } from './ring.ts';

/** How a channel behaves. */
export interface LocalChannelOptions {
  /** How many items may wait; with 0, each is handed over. */
  readonly maxSize: number;
  readonly overflow: Overflow;

  /** Closes the channel: who waits for an item is told the reason. */
  readonly signal?: AbortSignal | undefined;
}

interface Waiter<T> {
  resolve(result: IteratorResult<T, undefined>): void;
  reject(reason: unknown): void;
}

/** Somebody who waits for room, with what is to be put there. */
interface Putter<T> {
  readonly item: T;
  resolve(): void;
  reject(reason: unknown): void;
}

const done: IteratorResult<never, undefined> = { value: undefined, done: true };

/**
 * Items from any producers to one consumer, in the order in which they were put. At most `maxSize` wait; what is put beyond
 * waits for room (`block`), or is treated as `overflow` says. Several `next()` at once are answered in order. After
 * {@link LocalChannel.end} come the items that were put before, also those that waited for room, and then the end or the
 * error, once. After {@link LocalChannel.close} nothing comes, and puts are refused.
 *
 * Invariant: while somebody waits for an item there is none; while somebody waits for room there is none.
 */
export class LocalChannel<T> implements AsyncIterableIterator<T> {
  readonly maxSize: number;
  readonly #overflow: Overflow;
  #items: T[] = [];

  /** How many of `#items` were taken. */
  #taken = 0;
  #dropped = 0;
  readonly #waiters: Waiter<T>[] = [];
  readonly #putters: Putter<T>[] = [];

  /** What comes after the items; `closed` once there is nothing to come. */
  #end: { readonly error?: unknown; readonly isError: boolean } | undefined;
  #isClosed = false;

  /** Why it was aborted, until somebody who asks for an item is told. */
  #aborted: { readonly reason: unknown } | undefined;
  #stopSignal: (() => void) | undefined;

  constructor({ maxSize, overflow, signal }: LocalChannelOptions) {
    this.maxSize = maxSize;
    this.#overflow = overflow;
    if (!signal) return;
    const abort = (): void => this.#abort(reasonOf(signal));
    if (signal.aborted) abort();
    else this.#stopSignal = onAbort(signal, abort);
  }

  /** How many items wait to be taken. */
  get size(): number {
    return this.#items.length - this.#taken;
  }

  /** How many items were given up for want of room. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Whether nothing more will come. */
  get closed(): boolean {
    return this.#isClosed;
  }

  /**
   * Resolves once the item is in the channel, or was dropped as `overflow` says.
   *
   * @throws {OffloopError} `ERR_OFFLOOP_CLOSED` if the channel was ended or closed, also while it waits;
   * `ERR_OFFLOOP_OVERFLOW` if there is no room, with `overflow: 'error'`.
   */
  async put(item: T): Promise<void> {
    if (this.#isClosed || this.#end) throw closedError();
    const waiter = this.#waiters.shift();
    if (waiter) return waiter.resolve({ value: item, done: false });
    if (this.size < this.maxSize) return void this.#items.push(item);
    if (this.#overflow === 'block')
      return new Promise<void>((resolve, reject) => this.#putters.push({ item, resolve, reject }));
    this.#dropped += 1;
    if (this.#overflow === 'error') throw overflowError('put', this.maxSize);
    if (this.#overflow === 'drop-newest') return undefined;
    this.#shift();
    this.#items.push(item);
    return undefined;
  }

  /** No more is put: after the items comes the end, or with an argument its `error`. */
  end(...error: [] | [unknown]): void {
    if (this.#isClosed || this.#end) return;
    this.#end = error.length > 0 ? { error: error[0], isError: true } : { isError: false };
    if (this.#waiters.length > 0) this.#giveEnd();
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.size > 0) {
      const value = this.#shift();
      this.#admit();
      return Promise.resolve({ value, done: false });
    }
    const putter = this.#putters.shift();
    if (putter) {
      putter.resolve();
      return Promise.resolve({ value: putter.item, done: false });
    }
    if (this.#isClosed) return this.#over();
    const result = new Promise<IteratorResult<T, undefined>>((resolve, reject) =>
      this.#waiters.push({ resolve, reject }),
    );
    if (this.#end) this.#giveEnd();
    return result;
  }

  /** Closes the channel, as leaving a loop does. */
  async return(): Promise<IteratorResult<T, undefined>> {
    this.close();
    return done;
  }

  /** The consumer wants no more: what waits is dropped, and who waits for room is refused. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#stopSignal?.();
    this.#items = [];
    this.#taken = 0;
    for (const { reject } of this.#putters.splice(0)) reject(closedError());
    for (const { resolve } of this.#waiters.splice(0)) resolve(done);
  }

  /** The items that wait, oldest first; they are not taken. */
  snapshot(): T[] {
    return this.#items.slice(this.#taken);
  }

  /** Takes all items that wait, oldest first. */
  drain(): T[] {
    const items = this.snapshot();
    for (let i = 0; i < items.length; i += 1) this.#shift();
    for (let i = 0; i < items.length; i += 1) this.#admit();
    return items;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #shift(): T {
    const item = this.#items[this.#taken] as T;
    this.#taken += 1;
    // What was taken is not kept, and each item is moved once at the most.
    if (this.#taken * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#taken);
      this.#taken = 0;
    }
    return item;
  }

  /** Lets one in who waits for room. */
  #admit(): void {
    if (this.size >= this.maxSize) return;
    const putter = this.#putters.shift();
    if (!putter) return;
    this.#items.push(putter.item);
    putter.resolve();
  }

  /** There are no items left: whoever waits first is told an error, the others that it is over. */
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
