/** Reads entries of a store, and makes writes to it: values become bytes, and bytes values. @module */

import { epochTime } from '../base/intrinsics.ts';
import { fromBytes, toLentBytes } from '../codec/bytes/bytes.ts';
import { setOptions } from './cache-options.ts';
import type { SetOptions } from './cache-options.ts';
import { keyBytes, keyBytesCopy } from './key.ts';
import type { CacheKey } from './key.ts';
import type { Store } from './store.ts';
import { readError } from './stores/store-error.ts';
import type { Write } from './threads/writes.ts';

/** Whether an entry is there that expires at the time `expires`, or never if that is 0. */
export function isThere(expires: number, now: number = epochTime()): boolean {
  return expires === 0 || expires > now;
}

/** The value of an entry; `undefined` if there is none. */
export function readEntry(store: Store, key: CacheKey): unknown {
  const bytes = keyBytes(key);
  let value: Uint8Array | undefined;
  let expires = 0;
  const driver = store.enter();
  try {
    value = driver.get('entries', bytes);
    if (value) ({ expires } = driver);
  } catch (error) {
    throw readError(error, store.path);
  } finally {
    store.leave();
  }
  // The bytes are those of the store until the next read: `fromBytes` copies what it keeps of them.
  return value && (expires === 0 || isThere(expires)) ? fromBytes(value) : undefined;
}

export function hasEntry(store: Store, key: CacheKey): boolean {
  const bytes = keyBytes(key);
  const driver = store.enter();
  try {
    return driver.get('entries', bytes) !== undefined && isThere(driver.expires);
  } catch (error) {
    throw readError(error, store.path);
  } finally {
    store.leave();
  }
}

/** How an entry is set. */
export interface Setting {
  readonly options: SetOptions | undefined;
  readonly isPublished: boolean;
}

/** The write that sets an entry; its memory is valid until another write is made. */
export function settingOf({ plan }: Store, key: CacheKey, value: unknown, { options, isPublished }: Setting): Write {
  const ttl = (options && setOptions(options).ttl) ?? plan.ttl;
  // Code of the user's may run while an array or the value becomes bytes, and use the cache.
  const early = typeof key === 'object' ? keyBytesCopy(key) : undefined;
  const bytes = toLentBytes(value);
  return {
    table: 'entries',
    key: early ?? keyBytes(key),
    value: bytes,
    expires: ttl === Infinity ? 0 : epochTime() + ttl,
    isPublished,
  };
}

/** The write that removes an entry; its memory is valid until another write is made. */
export function removalOf(key: CacheKey): Write {
  return { table: 'entries', key: keyBytes(key), value: undefined, expires: 0, isPublished: false };
}

/** The write in memory of its own. */
export function keptWrite({ table, key, value, expires, isPublished }: Write): Write {
  return { table, key: Buffer.from(key), value: value && Buffer.from(value), expires, isPublished };
}
