/** What the function of a transaction works with: its writes are gathered, and made all at once. @module */

import { OffloopError } from '../../base/errors.ts';
import { fromBytes } from '../../codec/bytes/bytes.ts';
import type { SetOptions } from '../cache-options.ts';
import { hasEntry, keptWrite, readEntry, removalOf, settingOf } from '../entry.ts';
import { keyBytes } from '../key.ts';
import type { CacheKey } from '../key.ts';
import type { Store } from '../store.ts';
import type { Write } from '../threads/writes.ts';

/**
 * The view of the store that the function of a transaction works with. Its writes are seen by its own reads, and by
 * everybody else once the function has returned: all of them at once. If it throws, none of them is made.
 */
export class Transaction<V> {
  /** As an own function, it makes structured clone refuse the object: it is of use in its own thread only. */
  readonly toJSON: () => string = () => '[Transaction]';

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

  /** Called when the function is over. */
  end(): void {
    this.#isOver = true;
  }

  /** The writes that it has gathered. */
  get writes(): Write[] {
    return [...this.#writes.values()];
  }

  #own(key: CacheKey): Write | undefined {
    this.#check();
    return this.#writes.get(lockKey(key));
  }

  #add(write: Write): void {
    this.#check();
    this.#writes.set(textOf(write.key), keptWrite(write));
  }

  #check(): void {
    if (this.#isOver) throw new OffloopError('ERR_OFFLOOP_CLOSED', 'Cannot use the transaction: it is over');
  }
}

/** The key of a lock. */
export const lockKey = (key: CacheKey): string => textOf(keyBytes(key));

const textOf = (key: Uint8Array): string => Buffer.from(key.buffer, key.byteOffset, key.byteLength).toString('latin1');
