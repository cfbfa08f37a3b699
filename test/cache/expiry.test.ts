/** Entries that expire are removed from the store, and leave nothing there. @module */

import { openCache } from 'offloop/cache';
import type { CacheOptions } from 'offloop/cache';
import { describe, expect, test } from 'vitest';
import { openDriver } from '../../src/cache/main/records.ts';
import type { CachePlan } from '../../src/cache/cache-options.ts';
import type { Table } from '../../src/cache/stores/driver.ts';
import * as jobs from '../fixtures/jobs/cached.mjs';
import { drivers, newPath, opened } from '../support/caches.ts';

describe.each(drivers)('the expiry of entries, with the driver %s', (driver) => {
  /** How many rows the tables of a store have that nobody has open. */
  async function rowsOf(path: string): Promise<Readonly<Partial<Record<Table, number>>>> {
    const store = openDriver(path, { driver } as CachePlan);
    const [entries, due, place] = (['entries', 'due', 'place'] as const).map((table) => store.count(table));
    await store.close();
    return { entries, due, place } as Readonly<Partial<Record<Table, number>>>;
  }

  test.each<[string, CacheOptions]>([
    ['without bounds', {}],
    ['with bounds', { maxEntries: 100 }],
  ])('takes no more room for a key that is set again and again, %s', async (_, bounds) => {
    const path = newPath();
    const options: CacheOptions = { driver, ttl: 3_600_000, ...bounds };
    const cache = openCache(path, options);
    for (let i = 0; i < 20; i += 1) {
      // Under way at once, and one after the other.
      const writes = ['a', 'b', 'a'].map(async (key, n) => cache.set(key, i, { ttl: 3_600_000 + i * 10 + n }));
      await Promise.all(writes);
    }
    await cache.set('c', 1);
    await cache.set('c', 2, { ttl: Infinity });
    await cache.set('d', 1);
    await cache.delete('d');
    await cache.transaction('b', (tx) => tx.set('e', 1));
    await jobs.writesLoose(path, options, [1, 2]);
    await jobs.writesLoose(path, options, [1, 2]);
    await cache.deleteRange({ prefix: 'loose' });
    await cache.close();

    expect(await rowsOf(path)).toEqual({ entries: 4, due: 3, place: 'maxEntries' in bounds ? 4 : 0 });
  });

  test('takes no more room for entries that were dropped', async () => {
    const path = newPath();
    const cache = openCache(path, { driver, ttl: 3_600_000, maxEntries: 3 });
    for (let i = 0; i < 10; i += 1) await Promise.all([cache.set(i, i), cache.set(-i, i)]);
    await cache.close();

    expect(await rowsOf(path)).toEqual({ entries: 3, due: 3, place: 3 });
  });

  test.each<[string, CacheOptions]>([
    ['without bounds', {}],
    ['with bounds', { maxEntries: 100 }],
  ])('spares an entry that was set again, whenever, %s', async (_, bounds) => {
    const path = newPath();
    const options: CacheOptions = { driver, ...bounds };
    const cache = openCache<number>(path, options);
    const until = Date.now() + 300;
    let n = 0;
    // The old entry expires at about the time at which the new one is set.
    for (; Date.now() < until; n += 1) {
      await Promise.all(Array.from({ length: 20 }, async (__, i) => cache.set(i, n, { ttl: 1 + ((n + i) % 25) })));
      await Promise.all(Array.from({ length: 20 }, async (__, i) => cache.set(i, n, { ttl: 60_000 })));
      expect([...cache.values()]).toEqual(Array.from({ length: 20 }, () => n));
    }
    await cache.close();

    expect(await rowsOf(path)).toEqual({ entries: 20, due: 20, place: 'maxEntries' in bounds ? 20 : 0 });
  });

  test('removes an entry that expired while it was being written', async () => {
    const path = newPath();
    const cache = openCache<number>(path, { driver });
    await Promise.all([cache.set('a', 1, { ttl: Number.MIN_VALUE }), cache.set('b', 1, { ttl: 60_000 })]);
    const reader = openDriver(path, { driver } as CachePlan);
    await expect
      .poll(() => {
        reader.refresh();
        return [reader.count('entries'), reader.count('due')];
      })
      .toEqual([1, 1]);

    await reader.close();
    await cache.close();
  });

  test('is counted again where a store has bounds, then none, and then bounds', async () => {
    const path = newPath();
    const bounded: CacheOptions = { driver, maxEntries: 2, overflow: 'error' };
    const first = openCache<number>(path, bounded);
    await Promise.all([first.set('a', 1, { ttl: 3_600_000 }), first.set('b', 1)]);
    await first.close();
    const unbounded = openCache<number>(path, { driver });
    await unbounded.set('a', 2, { ttl: 150 });
    await unbounded.close();
    const cache = opened<number>(bounded, path);

    await expect(cache.set('c', 1)).rejects.toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_OVERFLOW' }) as Error);
    await expect
      .poll(async () =>
        cache.set('c', 1).then(
          () => 'set',
          () => 'full',
        ),
      )
      .toBe('set');
  });
});
