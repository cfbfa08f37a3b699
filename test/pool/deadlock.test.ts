/** Calls still run when all threads wait, even if nobody knows what they wait for. @module */

import { ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import { add, where } from '../fixtures/jobs/basics.mjs';
import { separateLeaf, separateOuter, separateWaits, waits } from '../fixtures/jobs/nested.mjs';
import { isFull } from '../support/full.ts';
import { gate, reaches } from '../support/gate.ts';
import { later } from '../support/later.ts';

describe('an ordinary call that a running one waits for by a promise', () => {
  test('is let in', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const it = gate();
    const found = later<unknown>();
    const outer = waits.with({ pool })(() => found.promise, 0, it);
    await reaches(it, 1, 1);
    found.resolve(add.with({ pool })(1));

    expect(await outer).toEqual([2, expect.any(Number)]);
  });

  test('is let in though others wait before it', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const it = gate();
    const found = later<unknown>();
    const outer = [0, 1].map(async (n) => waits.with({ pool })(() => found.promise, n, it));
    await reaches(it, 1, 2);
    const before = Array.from({ length: 2 }, async (_, i) => add.with({ pool })(i));
    found.resolve(add.with({ pool })(1));

    expect((await Promise.all(outer)).map(([n]) => n)).toEqual([2, 2]);
    expect(await Promise.all(before)).toEqual([1, 2]);
  });

  test('is let in though others before it wait as well', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const found = later<unknown>();
    const outer = Array.from({ length: 4 }, async (_, n) => waits.with({ pool })(() => found.promise, n));
    found.resolve(add.with({ pool })(1));

    expect((await Promise.all(outer)).map(([n]) => n)).toEqual(outer.map(() => 2));
  });
});

describe('calls that wait for each other beyond the bound', () => {
  test.runIf(isFull)(
    'reject with ERR_OFFLOOP_DEADLOCK, every call settles, and the pool works',
    async () => {
      await using pool = new ThreadPool({ size: 1 });
      let deepest = 0;
      const down = async (n: number): Promise<unknown> => {
        deepest = n;
        return waits.with({ pool })(down, n + 1);
      };

      await expect(down(0)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_DEADLOCK' });
      expect(deepest).toBeGreaterThanOrEqual(48);
      expect(pool.stats()).toMatchObject({ busy: 0, blocked: 0, queued: 0 });
      expect(await where.with({ pool })()).toBeGreaterThan(0);
    },
    120_000,
  );
});

describe('16 calls in threads of their own', () => {
  test('may each wait for another one that a callback makes', async () => {
    const it = gate();
    const ask = async (n: number): Promise<unknown> => {
      await reaches(it, 1, 16);
      const [found] = await separateLeaf(n);
      return found;
    };
    const results = await Promise.all(Array.from({ length: 16 }, async (_, i) => separateWaits(ask, i, it)));

    expect(results.map(([n]) => n)).toEqual(results.map((_, i) => i));
  }, 60_000);

  test.runIf(isFull)(
    'may each wait for another one that they make in their threads',
    async () => {
      const it = gate();
      const results = await Promise.all(Array.from({ length: 16 }, async (_, i) => separateOuter(i, it)));

      expect(results.map(([[n]]) => n)).toEqual(results.map((_, i) => i));
      expect(new Set(results.flatMap(([[, inner], outer]) => [inner, outer])).size).toBe(32);
    },
    60_000,
  );
});
