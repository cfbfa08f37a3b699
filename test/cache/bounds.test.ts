/** A cache with a bound keeps it, and says what happens at it. @module */

import * as fc from 'fast-check';
import { openCache } from 'offloop/cache';
import type { Cache, CacheKey, CacheOptions } from 'offloop/cache';
import { describe, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/cached.mjs';
import { drivers, newPath, opened } from '../support/caches.ts';
import { tries } from '../support/full.ts';

const full = expect.objectContaining({ name: 'OffloopError', code: 'ERR_OFFLOOP_OVERFLOW' }) as Error;

describe.each(drivers)('a bounded cache with the driver %s', (driver) => {
  const open = <V>(options: CacheOptions, path?: string): Cache<V> => opened<V>({ driver, ...options }, path);

  test('drops the entries that were written longest ago', async () => {
    const cache = open<number>({ maxEntries: 3 });
    for (const key of ['a', 'b', 'c', 'a', 'd']) await cache.set(key, 1);

    expect([...cache.keys()]).toEqual(['a', 'c', 'd']);
    await Promise.all(['e', 'f', 'g', 'h'].map(async (key) => cache.set(key, 1)));
    expect([...cache.keys()]).toEqual(['f', 'g', 'h']);
  });

  test('refuses a write instead, with overflow error, and makes the others', async () => {
    const cache = open<number>({ maxEntries: 2, overflow: 'error' });
    const writes = ['a', 'b', 'c', 'a'].map(async (key, i) => cache.set(key, i));

    const outcomes = await Promise.allSettled(writes);
    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected', 'fulfilled']);
    await expect(writes[2]).rejects.toThrow(full);
    await expect(
      cache.transaction('a', (tx) => {
        tx.set('b', 9);
        tx.set('c', 9);
      }),
    ).rejects.toThrow(full);
    expect([...cache.entries()]).toEqual([
      ['a', 3],
      ['b', 1],
    ]);
    await cache.delete('a');
    await cache.set('c', 4);
  });

  test('counts bytes, and refuses an entry that alone has too many', async () => {
    const cache = open<string>({ maxBytes: 1000 });
    for (let i = 0; i < 20; i += 1) await cache.set(i, 'x'.repeat(90));

    expect([...cache.keys()].length).toBeGreaterThanOrEqual(8);
    expect([...cache.keys()].length).toBeLessThanOrEqual(11);
    expect(cache.has(19)).toBe(true);
    await expect(cache.set('large', 'x'.repeat(1001))).rejects.toThrow(full);
    expect(cache.has(19)).toBe(true);
  });

  test('is bounded for all threads', async () => {
    const path = newPath();
    const options: CacheOptions = { driver, maxEntries: 5 };
    const cache = open<number>(options, path);
    await jobs.writesLoose(path, options, [1, 2, 3, 4, 5, 6, 7]);

    expect([...cache.keys()]).toEqual([3, 4, 5, 6, 7].map((n) => `loose ${n - 1}`));
  });

  test('keeps its order when it is opened again, and counts what was written without a bound', async () => {
    const path = newPath();
    const first = openCache(path, { driver, maxEntries: 10 });
    for (const key of ['z', 'a', 'm']) await first.set(key, 1);
    await first.close();
    const unbounded = openCache(path, { driver });
    await unbounded.set('b', 1);
    await unbounded.close();
    const cache = open<number>({ maxEntries: 3 }, path);
    await cache.set('n', 1);

    expect([...cache.keys()]).toEqual(['b', 'm', 'n']);
  });

  test('has room again for what has expired', async () => {
    const cache = open<number>({ maxEntries: 2, overflow: 'error', ttl: 30 });
    await Promise.all([cache.set('a', 1), cache.set('b', 1, { ttl: Infinity })]);

    await expect
      .poll(async () =>
        cache.set('c', 1, { ttl: Infinity }).then(
          () => 'set',
          () => 'full',
        ),
      )
      .toBe('set');
    expect([...cache.keys()]).toEqual(['b', 'c']);
  });

  test('has the entries that were written last, as a model says', async () => {
    const key: fc.Arbitrary<CacheKey> = fc.integer({ min: 0, max: 9 });
    const command = fc.oneof(
      { weight: 4, arbitrary: fc.record({ key, value: fc.constantFrom('x', 'xxxxx', 'x'.repeat(40)) }) },
      fc.record({ key, value: fc.constant(undefined) }),
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(command, { minLength: 1, maxLength: 6 }), { maxLength: 12 }),
        async (turns) => {
          const cache = openCache<string>(newPath(), { driver, maxEntries: 4 });
          const model = new Map<CacheKey, string>();
          for (const turn of turns) {
            await Promise.all(
              turn.map(async (it) => (it.value === undefined ? cache.delete(it.key) : cache.set(it.key, it.value))),
            );
            for (const it of turn) {
              model.delete(it.key);
              if (it.value !== undefined) model.set(it.key, it.value);
              if (model.size > 4) model.delete(model.keys().next().value as CacheKey);
            }
            expect([...cache.entries()]).toEqual([...model].toSorted(([a], [b]) => Number(a) - Number(b)));
          }
          await cache.close();
        },
      ),
      { numRuns: tries(60) },
    );
  }, 300_000);
});
