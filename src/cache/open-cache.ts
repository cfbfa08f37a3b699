/** Opens caches. @module */

import { argumentError } from '../base/errors.ts';
import { threadState } from '../base/realm.ts';
import { Cache } from './cache.ts';
import { cachePlan } from './cache-options.ts';
import type { CacheOptions } from './cache-options.ts';
import { openRecord } from './main/records.ts';
import type { Store } from './store.ts';
import { openThreadStore } from './threads/thread-store.ts';

/**
 * Opens the cache in the folder `path`, which is made if it is not there. Works in every thread; in a thread of the
 * library it blocks until the main side has answered.
 *
 * @throws {TypeError} `ERR_OFFLOOP_ARGUMENT` if an option is unknown or out of range, if the path is open with other
 * options, or if it has a store of another driver.
 * @throws {OffloopError} `ERR_OFFLOOP_PEER` if the driver is not installed, or is of a version that does not work.
 * @throws {OffloopError} `ERR_OFFLOOP_STORE` if the store cannot be opened.
 * @throws {OffloopError} `ERR_OFFLOOP_HANDLE_RELEASED` in a thread in which no call runs.
 *
 * @example
 * ```ts
 * await using cache = openCache<number>('prices', { ttl: 60_000 });
 * await cache.set('EURUSD', 1.08);
 * ```
 */
export function openCache<V = unknown>(path: string, options: CacheOptions = {}): Cache<V> {
  if (typeof path !== 'string' || path === '')
    throw argumentError(`Cannot open a cache: expected the path of a folder, received ${typeof path}`);
  const plan = cachePlan(options);
  return new Cache<V>(threadState() ? openThreadStore(path, plan) : openHere(path, plan));
}

function openHere(path: string, plan: ReturnType<typeof cachePlan>): Store {
  const record = openRecord(path, plan);
  record.caches += 1;
  return record;
}
