/** A cache: one store for all threads of the process. @module */

import { inspect } from 'node:util';
import { OffloopError } from '../base/errors.ts';
import { Promise, WeakRef } from '../base/intrinsics.ts';
import { takesKey } from '../base/takes-key.ts';
import { fromBytes } from '../codec/bytes/bytes.ts';
import { noOptions } from '../wait/wait-options.ts';
import type { WaitOptions } from '../wait/wait-options.ts';
import type { SetOptions } from './cache-options.ts';
import { Callable } from './callable.ts';
import type { Row } from './stores/driver.ts';
import { hasEntry, readEntry, removalOf, settingOf } from './entry.ts';
import type { Setting } from './entry.ts';
import { keyOf } from './key.ts';
import type { CacheKey } from './key.ts';
import { rangeOf, rows } from './range.ts';
import type { RangeOptions } from './range.ts';
import { removeRange } from './remove-range.ts';
import type { Store } from './store.ts';
import { transact, transactSync } from './transactions/transact.ts';
import type { Transaction } from './transactions/transaction.ts';
import { updatesPlan } from './updates/updates.ts';
import type { Updates, UpdatesOptions } from './updates/updates.ts';
import type { Write } from './threads/writes.ts';

/** A cache can be called: `await cache(key, value)` sets an entry and publishes it. */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- the constructor makes a function
export interface Cache<V = unknown> {
  /**
   * Sets an entry, and then gives it to every iterator of {@link Cache.updates}, in all threads. Resolves once the entry is
   * on the disk, and every iterator that blocks has room for it.
   *
   * @throws As {@link Cache.set}.
   */
  (key: CacheKey, value: V, options?: SetOptions): Promise<void>;

  /** Says that it is called with a key and a value, where it is one of several sinks. */
  readonly [takesKey]: true;
}

/**
 * Entries that all threads of the process share, and that stay on the disk. Reads are immediate and see every write of any
 * thread that was acknowledged before; writes are made on the main side, in the order in which they arrive there, and
 * resolve once they are on the disk. A write that is not awaited in a thread belongs to the call that made it, as callbacks
 * do. Values are copied as by the channels between threads: cycles, maps, dates, errors and instances of registered classes
 * keep what they are.
 *
 * The same path may be opened any number of times, in any threads: it is one store, with one lock for each key. Other
 * processes may read and write the same path, but neither locks nor updates reach them. After `close()` every method
 * throws `ERR_OFFLOOP_CLOSED`.
 *
 * @example
 * ```ts
 * const cache = openCache<number>('prices');
 * await cache.set('EURUSD', 1.08);
 * console.log(cache.get('EURUSD'));
 * ```
 */
// oxlint-disable-next-line typescript/no-unsafe-declaration-merging -- as above
export class Cache<V = unknown> extends Callable implements AsyncDisposable {
  readonly #store: Store;
  readonly #updates = new Set<WeakRef<Updates<V>>>();
  #closed: Promise<void> | undefined;

  constructor(store: Store) {
    const cache = (key: CacheKey, value: V, options?: SetOptions): Promise<void> =>
      this.#set(key, value, { options, isPublished: true });
    super(cache);
    this.#store = store;
  }

  /** The folder of the store, as all threads name it. */
  get path(): string {
    return this.#store.path;
  }

  /** Whether it was closed. */
  get closed(): boolean {
    return this.#closed !== undefined;
  }

  /**
   * Gives the value of an entry, or `undefined` if there is none.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `key` is no string, number or array of them, or takes more than 1,978
   * bytes.
   */
  get(key: CacheKey): V | undefined {
    return readEntry(this.#open(), key) as V | undefined;
  }

  /** Whether there is an entry, also one whose value is `undefined`. @throws As {@link Cache.get}. */
  has(key: CacheKey): boolean {
    return hasEntry(this.#open(), key);
  }

  /**
   * Sets an entry. Resolves once it is on the disk; until then reads give what was there before. Nothing is published.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` as {@link Cache.get}, or if an option is unknown or out of range.
   * @throws {OffloopError} `ERR_OFFLOOP_NOT_CLONEABLE`, naming the path of what cannot become bytes.
   * @throws {OffloopError} `ERR_OFFLOOP_OVERFLOW` if there is no room for it, as the cache's `overflow` says.
   * @throws {OffloopError} `ERR_OFFLOOP_STORE` if the store refuses it, as where the disk is full.
   * @throws {OffloopError} `ERR_OFFLOOP_HANDLE_RELEASED` in a thread in which no call runs.
   */
  set(key: CacheKey, value: V, options?: SetOptions): Promise<void> {
    return this.#set(key, value, { options, isPublished: false });
  }

  /** Removes an entry, if there is one. Resolves and rejects as {@link Cache.set}. */
  delete(key: CacheKey): Promise<void> {
    return this.#write(() => removalOf(key));
  }

  /**
   * As {@link Cache.set}, but blocks this thread until the entry is on the disk: for code that does not await.
   *
   * @throws As {@link Cache.set}; and `ERR_OFFLOOP_WOULD_BLOCK` on the main side.
   */
  setSync(key: CacheKey, value: V, options?: SetOptions): void {
    const store = this.#open();
    store.commitSync([settingOf(store, key, value, { options, isPublished: false })]);
  }

  /** As {@link Cache.delete}, but blocks this thread. @throws As {@link Cache.setSync}. */
  deleteSync(key: CacheKey): void {
    this.#open().commitSync([removalOf(key)]);
  }

  /**
   * Removes the entries of a range; without one, all entries. They are removed some hundreds at a time; those that are set
   * meanwhile may stay. Resolves with how many there were.
   *
   * @throws As {@link Cache.entries} and {@link Cache.set}.
   */
  async deleteRange(range: RangeOptions = {}): Promise<number> {
    return removeRange(() => this.#open(), range);
  }

  /**
   * Iterates over the entries of a range in the order of their keys: numbers, then strings by their code points, arrays by
   * their elements. Entries are read some at a time, each time as they are then; one that is written meanwhile may be missed.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or has a wrong value, at once.
   */
  entries(range: RangeOptions = {}): IterableIterator<[CacheKey, V]> {
    return this.#read(range, true, ({ key, value }) => [keyOf(key), fromBytes(value) as V]);
  }

  /** Iterates over the keys of a range, as {@link Cache.entries}. */
  keys(range: RangeOptions = {}): IterableIterator<CacheKey> {
    return this.#read(range, false, ({ key }) => keyOf(key));
  }

  /** Iterates over the values of a range, as {@link Cache.entries}. */
  values(range: RangeOptions = {}): IterableIterator<V> {
    return this.#read(range, true, ({ value }) => fromBytes(value) as V);
  }

  /**
   * Runs `fn` while no other transaction of `key` runs, in any thread; resolves with its result, once its writes are on the
   * disk. They are made all at once when `fn` has returned or its promise has resolved; if it throws, or the thread ends
   * before, none is made, and the next transaction of the key begins. Transactions of other keys run meanwhile; reads and
   * writes outside of transactions do not wait.
   *
   * A transaction within one of the same key could never begin, and is refused. So is one that would close a circle of
   * transactions that wait for each other's keys, in any threads. What `fn` starts, also in threads, counts as being within
   * the transaction until that is over.
   *
   * @throws What `fn` throws, and what {@link Cache.set} throws for its writes.
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if `fn` is no function, or a generator function.
   * @throws {OffloopError} `ERR_OFFLOOP_DEADLOCK` within a transaction of the same key, or if the one that has the key waits
   * for one that this is within.
   * @throws {OffloopError} `ERR_OFFLOOP_TIMEOUT` if the key is not free after `timeout`; `fn` was not called.
   * @throws `signal.reason` if `signal` is aborted before `fn` is called.
   *
   * @example
   * ```ts
   * await cache.transaction('hits', (tx) => tx.set('hits', (tx.get('hits') ?? 0) + 1));
   * ```
   */
  async transaction<R>(
    key: CacheKey,
    fn: (tx: Transaction<V>) => R,
    options: WaitOptions = noOptions,
  ): Promise<Awaited<R>> {
    return transact(() => this.#open(), key, fn, options);
  }

  /**
   * As {@link Cache.transaction}, but blocks this thread, and `fn` is not `async`. It does not wait for room in iterators of
   * this very thread for what it publishes.
   *
   * @throws As {@link Cache.transaction}; `ERR_OFFLOOP_ARGUMENT` if `fn` gives a promise: none of its writes is made then; `ERR_OFFLOOP_WOULD_BLOCK` on the main side; and the reason for which the running
   * call was given up while it waited.
   */
  transactionSync<R>(key: CacheKey, fn: (tx: Transaction<V>) => R, options: WaitOptions = noOptions): R {
    return transactSync(() => this.#open(), key, fn, options);
  }

  /**
   * Iterates over what is published from now on, by calls of a cache of the same path in any thread: `[key, value]`, in the
   * order in which it was written.
   *
   * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range.
   */
  updates(options: UpdatesOptions = {}): Updates<V> {
    const store = this.#open();
    const plan = updatesPlan(options);
    const updates: Updates<V> = store.subscribe<V>(plan, () => void this.#updates.delete(reference));
    // An iterator that nobody else has is lost, and must not hold up those who publish.
    const reference = new WeakRef(updates);
    if (!updates.closed) this.#updates.add(reference);
    for (const it of this.#updates) if (!it.deref()) this.#updates.delete(it);
    return updates;
  }

  /** As {@link Cache.updates} without options. */
  [Symbol.asyncIterator](): Updates<V> {
    return this.updates();
  }

  /**
   * Closes the cache: its iterators end, and its further use throws. Resolves once its writes are over. The store itself is
   * closed with the last cache of its path, of all threads.
   */
  close(): Promise<void> {
    if (!this.#closed) {
      for (const updates of this.#updates) updates.deref()?.close();
      this.#closed = this.#store.release();
    }
    return this.#closed;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }

  #set(key: CacheKey, value: V, setting: Setting): Promise<void> {
    return this.#write((store) => settingOf(store, key, value, setting));
  }

  /** Gives the very promise of the store: in a thread, it knows whether it is awaited. */
  #write(make: (store: Store) => Write): Promise<void> {
    try {
      const store = this.#open();
      return store.write(make(store)) as Promise<void>;
    } catch (error) {
      return Promise.reject(error);
    }
  }

  #read<T>(given: RangeOptions, values: boolean, of: (row: Row) => T): IterableIterator<T> {
    this.#open();
    const range = rangeOf(given);
    const open = (): Store => this.#open();
    return (function* read() {
      for (const row of rows(open, range, values)) yield of(row);
    })();
  }

  #open(): Store {
    if (this.#closed) throw new OffloopError('ERR_OFFLOOP_CLOSED', `Cannot use the cache ${this.path}: it is closed`);
    return this.#store;
  }

  static {
    Object.defineProperty(this.prototype, takesKey, { value: true });
    Object.defineProperty(this.prototype, inspect.custom, {
      value(this: Cache): string {
        return `Cache { path: '${this.path}', closed: ${this.closed} }`;
      },
    });
  }
}
