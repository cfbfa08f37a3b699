/** A cache keeps nothing of the calls that happen to open it and to write to it. @module */

import { AsyncLocalStorage } from 'node:async_hooks';
import { setImmediate } from 'node:timers/promises';
import { openCache } from 'offloop/cache';
import type { CacheOptions } from 'offloop/cache';
import { describe, expect, test } from 'vitest';
import { drivers, newPath, opened } from '../support/caches.ts';
import { collect } from '../support/heap.ts';

const store = new AsyncLocalStorage<object>();

/** Does `work` in a context of its own; gives what tells whether the context is still there. */
async function within(work: () => Promise<unknown>): Promise<WeakRef<object>> {
  const mark = { mark: true };
  await store.run(mark, work);
  return new WeakRef(mark);
}

async function isForgotten(context: WeakRef<object>): Promise<boolean> {
  for (let i = 0; i < 50; i += 1) {
    await setImmediate();
    collect();
    if (context.deref() === undefined) return true;
  }
  return false;
}

describe.each(drivers)('a cache with the driver %s', (driver) => {
  test.each<[string, CacheOptions]>([
    ['without bounds', {}],
    ['with bounds', { maxEntries: 100 }],
  ])('forgets the context in which it was opened, and those of its writes, %s', async (_, bounds) => {
    const path = newPath();
    const options: CacheOptions = { driver, ...bounds };
    const opening = await within(async () => void openCache(path, options));
    const cache = opened<number>(options, path);
    const left = [];
    if (!(await isForgotten(opening))) left.push('opening');
    const works: Readonly<Record<string, () => Promise<unknown>>> = {
      writing: async () => cache.set('a', 1),
      expiring: async () => cache.set('a', 1, { ttl: 3_600_000 }),
      publishing: async () => cache('b', 1),
      locking: async () => cache.transaction('c', (tx) => tx.set('c', 1)),
    };
    for (const [name, work] of Object.entries(works)) if (!(await isForgotten(await within(work)))) left.push(name);

    expect(left).toEqual([]);
  });
});
