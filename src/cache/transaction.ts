/** Transactions: a lock for a key, and writes that are gathered and made all at once. @module */

import { AsyncLocalStorage } from 'node:async_hooks';
import { OffloopError } from '../base/errors.ts';
import type { Pass } from '../sync/pass.ts';
import type { WaitOptions } from '../wait/wait-options.ts';
import { fromBytes } from '../codec/bytes/bytes.ts';
import type { SetOptions } from './cache-options.ts';
import { hasEntry, readEntry, removalOf, settingOf } from './entry.ts';
import { keyBytes } from './key.ts';
import type { CacheKey } from './key.ts';
import { isAbandoned } from './main/locks.ts';
import type { LentLock } from './main/locks.ts';
import type { Store } from './store.ts';
import type { Write } from './threads/writes.ts';

/**
 * The view of the store that the function of a transaction works with. Its writes are seen by its own reads, and by
 * everybody else once the function has returned: all of them at once. If it throws, none of them is made.
 */
export class Transaction<V> {
  readonly #open: () => Store;

  /** By the keys as Latin-1 text. */
  readonly #writes = new Map<string, Write>();
  #isOver = false;

  /** `open` gives the store, unless the cache was closed. */
  constructor(open: () => Store) {
    this.#open = open;
  }

  /** As `cache.get`. */
  get(key: CacheKey): V | undefined {
    const own = this.#own(key);
    if (!own) return readEntry(this.#open(), key) as V | undefined;
    return own.value && (fromBytes(own.value) as V);
  }

  /** As `cache.has`. */
  has(key: CacheKey): boolean {
    const own = this.#own(key);
    return own ? own.value !== undefined : hasEntry(this.#open(), key);
  }

  /** Sets an entry at the end of the transaction. */
  set(key: CacheKey, value: V, options?: SetOptions): void {
    this.#add(settingOf(this.#open(), key, value, { options, isPublished: false }));
  }

  /** Sets an entry at the end of the transaction, and then publishes it, as calling the cache does. */
  publish(key: CacheKey, value: V, options?: SetOptions): void {
    this.#add(settingOf(this.#open(), key, value, { options, isPublished: true }));
  }

  /** Removes an entry at the end of the transaction. */
  delete(key: CacheKey): void {
    this.#add(removalOf(key));
  }

  /** Ends the transaction; gives its writes. */
  end(): Write[] {
    this.#isOver = true;
    return [...this.#writes.values()];
  }

  #own(key: CacheKey): Write | undefined {
    this.#check();
    return this.#writes.get(lockKey(key));
  }

  #add(write: Write): void {
    this.#check();
    this.#writes.set(textOf(write.key), write);
  }

  #check(): void {
    if (this.#isOver) throw new OffloopError('ERR_OFFLOOP_CLOSED', 'Cannot use the transaction: it is over');
  }
}

/** The keys that the transactions around the running code hold, each with its path. */
const held = new AsyncLocalStorage<ReadonlySet<string>>();

/** Runs `run` as the transaction of `key`. */
export function holding<T>(store: Store, key: string, run: () => T): T {
  return held.run(new Set([...(held.getStore() ?? []), name(store, key)]), run);
}

/** The key of a lock. */
export const lockKey = (key: CacheKey): string => textOf(keyBytes(key));

/**
 * Resolves once this code has the lock of `key`.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_DEADLOCK` if a transaction of `key` is around the running code.
 */
export async function acquire(store: Store, key: string, options: WaitOptions): Promise<Pass> {
  refuseInside(store, key);
  for (let isRetired = false; ; isRetired = true) {
    const lent = store.lend(key, { isRetired });
    try {
      const pass = await lent.lock.acquireAsync(options);
      if (isCurrent(lent, pass)) return pass;
    } catch (error) {
      if (!isAbandoned(error)) throw error;
      // Nobody has the lock now, but what its last holder had sent before it ended may still be being written.
      await store.settled();
    }
  }
}

/** As {@link acquire}, but blocks this thread. */
export function acquireSync(store: Store, key: string, options: WaitOptions): Pass {
  refuseInside(store, key);
  for (let isRetired = false; ; isRetired = true) {
    const lent = store.lend(key, { isRetired });
    try {
      const pass = lent.lock.acquire(options);
      if (isCurrent(lent, pass)) return pass;
    } catch (error) {
      if (!isAbandoned(error)) throw error;
      store.settledSync();
    }
  }
}

function isCurrent({ retired }: LentLock, pass: Pass): boolean {
  if (Atomics.load(retired, 0) === 0) return true;
  pass[Symbol.dispose]();
  return false;
}

function refuseInside(store: Store, key: string): void {
  if (held.getStore()?.has(name(store, key)) !== true) return;
  const text = 'Cannot begin a transaction: one of the same key is around it, and could not end while this one waits';
  throw new OffloopError('ERR_OFFLOOP_DEADLOCK', text);
}

const name = ({ path }: Store, key: string): string => `${path}\0${key}`;

const textOf = (key: Uint8Array): string => Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
