/** One store in several threads: reads, writes, locks and updates. @module */

import { ThreadPool } from 'offloop';
import type { CacheOptions } from 'offloop/cache';
import { afterAll, describe, expect, test } from 'vitest';
import { Latch } from '../../src/base/latch.ts';
import * as jobs from '../fixtures/jobs/cached.mjs';
import { drivers, newPath, opened } from '../support/caches.ts';
import { gate, reaches } from '../support/gate.ts';

const pool = new ThreadPool({ size: 3 });
afterAll(async () => pool.close());

const deadlock = expect.objectContaining({ code: 'ERR_OFFLOOP_DEADLOCK' }) as Error;

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

describe('a transaction', () => {
  test('makes its writes all at once, or none if it throws', async () => {
    const cache = opened<number>({});
    const updates = cache.updates();
    const gone = cache.transaction('a', (tx) => {
      tx.set('a', 1);
      tx.publish('b', 1);
      throw new Error('thought better of it');
    });

    await expect(gone).rejects.toThrow('thought better of it');
    expect([...cache.keys()]).toEqual([]);
    const result = await cache.transaction('a', async (tx) => {
      tx.set('a', 1);
      tx.publish('b', 2);
      tx.set('c', 3);
      tx.delete('c');
      expect([tx.get('a'), tx.has('b'), tx.has('c'), tx.get('c')]).toEqual([1, true, false, undefined]);
      expect(cache.has('a')).toBe(false);
      return 'done';
    });
    expect(result).toBe('done');
    expect([...cache.entries()]).toEqual([
      ['a', 1],
      ['b', 2],
    ]);
    expect(updates.drain()).toEqual([['b', 2]]);
  });

  test('is refused within one of the same key, and runs within one of another', async () => {
    const cache = opened<number>({});
    const path = newPath();

    await cache.transaction('a', async () => {
      await expect(cache.transaction('a', () => 1)).rejects.toThrow(deadlock);
      expect(await cache.transaction('b', () => 2)).toBe(2);
    });
    expect(await jobs.nests.with({ pool })(path, {})).toBe('ERR_OFFLOOP_DEADLOCK');
    expect(await cache.transaction('a', () => 3)).toBe(3);
  });

  test('waits no longer than its timeout, and ends its wait with its signal', async () => {
    const cache = opened({});
    const leaving = new AbortController();
    const over = new Latch();
    const holding = cache.transaction('a', async () => over.opened);
    const left = cache.transaction('a', () => 1, { signal: leaving.signal });
    const late = cache.transaction('a', () => 1, { timeout: 20 });
    leaving.abort(new Error('has left'));

    await expect(left).rejects.toThrow('has left');
    await expect(late).rejects.toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_TIMEOUT' }) as Error);
    over.open();
    await holding;
    expect(await cache.transaction('a', () => 1)).toBe(1);
  });

  test('cannot be used once it is over', async () => {
    const cache = opened<number>({});
    const tx = await cache.transaction('a', (it) => it);

    expect(() => tx.set('a', 1)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_CLOSED' }) as Error);
    expect(cache.has('a')).toBe(false);
  });

  test('of any of very many keys excludes others, also when locks are given up', async () => {
    const cache = opened<number>({});
    const held = new Set<number>();
    await Promise.all(
      Array.from({ length: 5500 }, async (_, i) =>
        cache.transaction(i % 4400, async () => {
          expect(held.has(i % 4400)).toBe(false);
          held.add(i % 4400);
          await Promise.resolve();
          held.delete(i % 4400);
        }),
      ),
    );
  });
});
