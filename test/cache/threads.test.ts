/** One store in several threads: reads, writes, locks and updates. @module */

import { ThreadPool } from 'offloop';
import type { CacheOptions } from 'offloop/cache';
import { afterAll, describe, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/cached.mjs';
import { drivers, newPath, opened } from '../support/caches.ts';
import { gate, reaches } from '../support/gate.ts';

const pool = new ThreadPool({ size: 3 });
afterAll(async () => pool.close());

describe.each(drivers)('a cache with the driver %s, in threads', (driver) => {
  const options: CacheOptions = { driver };

  test('is the same store in each, at once', async () => {
    const path = newPath();
    const cache = opened(options, path);

    for (let i = 0; i < 10; i += 1) {
      await cache.set('from main', i);
      expect(await jobs.reads.with({ pool })(path, options, 'from main')).toBe(i);
      expect(await jobs.writes.with({ pool })(path, options, ['from', 'thread'], i)).toBe(i);
      expect(cache.get(['from', 'thread'])).toBe(i);
    }
  });

  test('works where main has not opened it', async () => {
    const path = newPath();

    expect(await jobs.writes.with({ pool })(path, options, 'a', new Map([[1, 2]]))).toEqual(new Map([[1, 2]]));
    expect(await jobs.closes.with({ pool })(path, options)).toBe('ERR_OFFLOOP_CLOSED');
    expect(opened(options, path).get('closed by')).toBe('a thread');
  });

  test('makes the writes that nobody awaits before the call is over, and the call rejects as they do', async () => {
    const path = newPath();
    const cache = opened(options, path);
    const many = Array.from({ length: 3000 }, (_, i) => `${i}`.repeat(20));
    await jobs.writesLoose.with({ pool })(path, options, many);

    expect([...cache.keys()].length).toBe(3000);
    expect(cache.get('loose 2999')).toBe('2999'.repeat(20));
    const bounded: CacheOptions = { driver, maxBytes: 100, overflow: 'error' };
    await expect(jobs.writesLoose.with({ pool })(newPath(), bounded, ['x'.repeat(200)])).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_OFFLOOP_OVERFLOW' }) as Error,
    );
  });

  test('refuses a write that finds no room, and none of those beside it', async () => {
    const bounded: CacheOptions = { driver, maxEntries: 2, overflow: 'error' };
    const path = newPath();
    const cache = opened(bounded, path);

    expect(await jobs.writesApart.with({ pool })(path, bounded)).toEqual([
      ['set', 'set', 'ERR_OFFLOOP_OVERFLOW', 'set'],
      ['ERR_OFFLOOP_OVERFLOW', 'set'],
    ]);
    expect([...cache.entries()]).toEqual([
      ['a', 3],
      ['b', 5],
    ]);
    // The call is told of the write that it does not await, and of no other.
    await expect(jobs.writesHalfLoose.with({ pool })(path, bounded, 'c', 'a')).rejects.toThrow(
      expect.objectContaining({ code: 'ERR_OFFLOOP_OVERFLOW' }) as Error,
    );
    expect(await jobs.writesHalfLoose.with({ pool })(path, bounded, 'a', 'c')).toBe('ERR_OFFLOOP_OVERFLOW');
  });

  test('keeps writes apart that are made while another one is being made', async () => {
    expect(await jobs.writesMixed(newPath(), options)).toBe(0);
    expect(await jobs.writesMixedThere.with({ pool })(newPath(), options)).toBe(0);
    expect(await jobs.writesMixedThere.with({ pool })(newPath(), { ...options, maxEntries: 10_000 })).toBe(0);
  });

  test('writes in code that blocks', async () => {
    expect(await jobs.writesSync.with({ pool })(newPath(), options)).toEqual([1, 2, undefined]);
  });

  test('lets one transaction of a key run at a time, in all threads', async () => {
    const path = newPath();
    const cache = opened<number>(options, path);
    const here = async (): Promise<void> => {
      for (let i = 0; i < 20; i += 1)
        await cache.transaction('count', async (tx) => {
          const before = tx.get('count') ?? 0;
          await Promise.resolve();
          tx.set('count', before + 1);
        });
    };
    const { counts, countsSync } = jobs;
    await Promise.all([
      here(),
      here(),
      counts.with({ pool })(path, options, 20),
      counts.with({ pool })(path, options, 20),
      countsSync.with({ pool })(path, options, 20),
    ]);

    expect(cache.get('count')).toBe(100);
  });

  test('gives what is published in any thread to the iterators of all', async () => {
    const path = newPath();
    const cache = opened<number>(options, path);
    const updates = cache.updates();
    const it = gate();
    const listening = jobs.listens(path, options, 12, it);
    await reaches(it, 1, 1);
    await Promise.all([
      jobs.publishes.with({ pool })(path, options, 'a', 6),
      (async () => {
        for (let i = 0; i < 6; i += 1) await cache('b', i);
      })(),
    ]);

    const seen = updates.drain();
    expect(seen.filter(([key]) => key === 'a').map(([, n]) => n)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(seen.filter(([key]) => key === 'b').map(([, n]) => n)).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await listening).toEqual(seen);
  });

  test('works in threads of threads', async () => {
    expect(await jobs.nested.with({ pool })(newPath(), options)).toBe('from far');
  });

  test('arrives as a function where it is an argument', async () => {
    const cache = opened(options);
    await jobs.takesCache.with({ pool })(cache);

    expect(cache.get('by handle')).toBe(5);
  });
});
