/** Calls that wait for other calls never wait for ever. @module */

import { ThreadPool } from 'offloop';
import { describe, expect, test, vi } from 'vitest';
import { add, block, echo, log, where } from '../fixtures/jobs/basics.mjs';
import { waits } from '../fixtures/jobs/nested.mjs';
import { crowds } from '../fixtures/jobs/staff.mjs';
import { isFull } from '../support/full.ts';
import { gate, open, reaches } from '../support/gate.ts';
import { later } from '../support/later.ts';

const wide = { timeout: 15_000, interval: 20 };

/** Calls `depth` times within itself. */
function recursion(pool: ThreadPool): (depth: number) => Promise<number> {
  const down = async (depth: number): Promise<number> => {
    if (depth === 0) return 0;
    const [found] = await waits.with({ pool })(down, depth - 1);
    return Number(found) + 1;
  };
  return down;
}

describe('a call that a callback of a running call makes', () => {
  test('is run though the pool has one thread: 200 at once', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const ask = async (n: number): Promise<number> => add.with({ pool })(n, n);
    const results = await Promise.all(Array.from({ length: 200 }, async (_, i) => waits.with({ pool })(ask, i)));

    expect(results.map(([n]) => n)).toEqual(Array.from({ length: 200 }, (_, i) => 2 * i));
  });

  test('goes before calls that wait in line, whatever their priority', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const counter = gate();
    const released = later();
    const inCallback = later();
    const outer = waits.with({ pool })(async () => {
      inCallback.resolve();
      await released.promise;
      return log.with({ pool })(counter, 'nested');
    }, 0);
    await inCallback.promise;
    const line = [0, 5].map(async (priority) => log.with({ pool, priority })(counter, priority));
    released.resolve();

    expect(await outer).toEqual([['nested', 0], expect.any(Number)]);
    await Promise.all(line);
  });

  test('is not refused by maxQueue', async () => {
    await using pool = new ThreadPool({ size: 1, maxQueue: 0 });

    expect(await waits.with({ pool })(async (n) => add.with({ pool })(n), 1)).toEqual([2, expect.any(Number)]);
    const many = async (): Promise<unknown> => Promise.all([1, 2, 3].map(async (n) => add.with({ pool })(n)));
    expect(await waits.with({ pool })(many, 1)).toEqual([[2, 3, 4], expect.any(Number)]);
  });

  test('is not refused by close, which waits for it', async () => {
    const pool = new ThreadPool({ size: 1 });
    const released = later();
    const inCallback = later();
    const outer = waits.with({ pool })(async (n) => {
      inCallback.resolve();
      await released.promise;
      return add.with({ pool })(n);
    }, 1);
    await inCallback.promise;
    const closed = pool.close();
    await expect(add.with({ pool })(1)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' });
    released.resolve();

    expect(await outer).toEqual([2, expect.any(Number)]);
    await closed;
    expect(pool.stats()).toMatchObject({ threads: 0, busy: 0, queued: 0 });
  });

  test('is run though the thread of its key waits for it', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const ask = async (n: number): Promise<number> => add.with({ pool, key: 'k' })(n);
    const results = await Promise.all(
      Array.from({ length: 20 }, async (_, i) => waits.with({ pool, key: 'k' })(ask, i)),
    );

    expect(results.map(([n]) => n)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
  });

  test.runIf(isFull)(
    'may make such calls itself, 20 within each other',
    async () => {
      await using one = new ThreadPool({ size: 1 });
      await using two = new ThreadPool({ size: 2 });

      expect(await recursion(one)(20)).toBe(20);
      expect(await Promise.all([recursion(two)(3), recursion(two)(3)])).toEqual([3, 3]);
    },
    60_000,
  );

  test('that fails fails in the one that waits, and nothing else does', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const ask = async (): Promise<unknown> => add.with({ pool, signal: AbortSignal.abort('not now') })(1);

    await expect(waits.with({ pool })(ask, 1)).rejects.toBe('not now');
    expect(await echo.with({ pool })(1)).toEqual([1]);
  });
});

describe('calls of two pools', () => {
  test('that wait for each other are all run', async () => {
    await using here = new ThreadPool({ size: 1 });
    await using there = new ThreadPool({ size: 1 });
    const down = async (n: number): Promise<unknown> => {
      if (n === 0) return 'bottom';
      const [found] = await waits.with({ pool: n % 2 ? here : there })(down, n - 1);
      return found;
    };

    expect(await Promise.all([down(3), down(4)])).toEqual(['bottom', 'bottom']);
  });
});

describe('threads beside those of the pool', () => {
  test('end again once nobody needs them', async () => {
    await using pool = new ThreadPool({ size: 1 });
    expect(await recursion(pool)(4)).toBe(4);
    expect(pool.stats().threads).toBeGreaterThan(1);

    await vi.waitFor(() => expect(pool.stats()).toMatchObject({ threads: 1, busy: 0, blocked: 0 }), wide);
    expect(await add.with({ pool })(1)).toBe(2);
  });

  test('run no ordinary calls: there are never more than size of those at once', async () => {
    await using pool = new ThreadPool({ size: 2 });
    await pool.runOnAll(where);
    await Promise.all([recursion(pool)(4), recursion(pool)(4)]);
    expect(pool.stats().threads).toBeGreaterThan(2);
    const it = gate();
    const calls = Array.from({ length: 100 }, async () => crowds.with({ pool })(it, true));
    await reaches(it, 1, 2);
    open(it);
    await Promise.all(calls);

    expect(it[2]).toBe(2);
  });

  test('are not started while a thread works that does not wait', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const it = gate();
    const working = block.with({ pool })(it, 1);
    await reaches(it, 1, 1);
    const outer = waits.with({ pool })(async (n) => add.with({ pool })(n), 1);
    await vi.waitFor(() => expect(pool.stats()).toMatchObject({ blocked: 1, queued: 1, threads: 2 }), wide);
    open(it);

    expect(await outer).toEqual([2, expect.any(Number)]);
    await working;
    expect(pool.stats().threads).toBe(2);
  });
});
