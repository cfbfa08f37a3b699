/** Threads of a pool have numbers, which those that replace them have, too. @module */

import { configure, ThreadPool, threadNumber } from 'offloop';
import { describe, expect, test } from 'vitest';
import { asking, everywhere, exits, leave, numbered, remember, separateNumber } from '../fixtures/jobs/numbered.mjs';
import { note } from '../support/note.ts';

describe('threadNumber()', () => {
  test('counts the threads of a pool from 1 to its size', async () => {
    await using pool = new ThreadPool({ size: 3 });
    const numbers = (await pool.runOnAll(numbered)).map(([number]) => Number(number));

    expect(numbers).toEqual([1, 2, 3]);
  });

  test('is the same while its module is loaded, in init and in a call', async () => {
    await using pool = new ThreadPool({ size: 2, init: remember });
    const found = await pool.runOnAll(everywhere);

    expect(found).toEqual([
      [1, 1, 1],
      [2, 2, 2],
    ]);
  });

  test('is undefined where no pool has the thread', async () => {
    expect(threadNumber()).toBeUndefined();
    expect(await separateNumber()).toBe(true);
    configure({ inline: true });
    try {
      expect((await numbered())[0]).toBeUndefined();
    } finally {
      configure({ inline: false });
    }
  });

  test('is that of the thread that was replaced: after its last call', async () => {
    await using pool = new ThreadPool({ size: 2, maxTasksPerThread: 1 });
    const found = await Promise.all(Array.from({ length: 8 }, async () => numbered.with({ pool })()));

    expect(new Set(found.map(([, thread]) => thread)).size).toBe(8);
    expect(new Set(found.map(([number]) => number))).toEqual(new Set([1, 2]));
  });

  test('is that of the thread that was replaced: after it has ended in a call', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const [one] = await numbered.with({ pool, key: 'same place' })();
    await expect(exits.with({ pool, key: 'same place' })()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT' });

    expect((await numbered.with({ pool, key: 'same place' })())[0]).toBe(one);
  });

  test('is above the size in a thread beside those of the pool, and given again', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const [inside, own] = await asking.with({ pool })(async () =>
      Promise.all([asking.with({ pool })(async () => numbered.with({ pool })()), numbered.with({ pool })()]),
    );
    const numbers = [inside[0][1], inside[0][0][0]];

    expect(own).toBe(1);
    expect(new Set(numbers)).toEqual(new Set([2, 3]));
    expect(await asking.with({ pool })(async () => (await numbered.with({ pool })())[0])).toEqual([
      expect.toSatisfy((number: number) => number === 2 || number === 3),
      1,
    ]);
  });

  test('is still there in teardown', async () => {
    const it = note();
    const pool = new ThreadPool({ size: 1, teardown: leave });
    await numbered.with({ pool })();
    await pool.close();

    expect(it[0]).toBe(1);
  });
});
