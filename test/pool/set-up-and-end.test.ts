/** Guarantees of a pool where two of them meet: set-up and end, keys and waiting, bounds and items. @module */

import { getEventListeners } from 'node:events';
import { configure, ThreadPool } from 'offloop';
import { describe, expect, test, vi } from 'vitest';
import { add, block, echo, where } from '../fixtures/jobs/basics.mjs';
import { init, state, teardown } from '../fixtures/jobs/prepared.mjs';
import { waits, waitsLater } from '../fixtures/jobs/nested.mjs';
import { listens } from '../fixtures/jobs/signalled.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { later } from '../support/later.ts';
import { note, tell } from '../support/note.ts';

const wide = { timeout: 5_000, interval: 5 };

describe('init that hangs', () => {
  test('is cut by close once no call waits any more', async () => {
    const it = note('initSpins');
    const pool = new ThreadPool({ size: 1, init });
    const controller = new AbortController();
    const outcome = expect(echo.with({ pool, signal: controller.signal })(1)).rejects.toBe('enough');
    await reaches(it, 1, 1);
    const closed = pool.close();
    controller.abort('enough');

    await Promise.all([outcome, closed]);
    expect(pool.stats().threads).toBe(0);
  });
});

describe('a pool that ends while its threads start', () => {
  test.each(['close', 'terminate'] as const)("tells of no 'error' by %s", async (end) => {
    const pool = new ThreadPool({ size: 2, minThreads: 2 });
    const heard: unknown[] = [];
    pool.on('error', (error) => heard.push(error));
    await pool[end]();

    expect(heard).toEqual([]);
  });
});

describe('close while a thread starts', () => {
  // PoolThread.retire runs teardown in a thread that is not ready: the start that gives up closes the lane under the call.
  test.each([
    ['', { teardown }],
    [' and an init', { teardown, init }],
  ])('resolves, with a teardown%s', async (_, options) => {
    note();
    for (const delay of [0, 0, 20, 40, 80]) {
      const pool = new ThreadPool({ size: 1, minThreads: 1, grace: 100, ...options });
      await new Promise((resolve) => setTimeout(resolve, delay));
      const late = new Promise((resolve) => setTimeout(resolve, 3000, 'late'));

      expect(await Promise.race([pool.close(), late])).toBeUndefined();
    }
  });
});

describe('recycle', () => {
  test('lets idle threads run their teardown', async () => {
    const it = note();
    await using pool = new ThreadPool({ size: 1, init, teardown });
    await state.with({ pool })();
    await pool.recycle();
    await state.with({ pool })();

    expect([it[1], it[2]]).toEqual([2, 1]);
  });
});

describe('a replacement that cannot be set up', () => {
  test('leaves the keyed calls to the thread that is there', async () => {
    const it = note();
    await using pool = new ThreadPool({ size: 1, maxAge: 1, init });
    await state.with({ pool })();
    tell(it, 'initThrows');
    const failed = new Promise((resolve) => pool.once('error', resolve));
    const entered = gate();
    // The thread is old already; its replacement fails while the third one runs.
    const calls = [echo.with({ pool, key: 'k' })(1), echo.with({ pool, key: 'k' })(2)];
    const blocked = block.with({ pool, key: 'k' })(entered, 3);
    const waiting = echo.with({ pool, key: 'k' })(4);
    const outcome = Promise.allSettled([waiting]);
    await failed;
    open(entered);

    await Promise.all([...calls, blocked]);
    expect(await outcome).toEqual([{ status: 'fulfilled', value: [4] }]);
  });
});

describe('maxTasksPerThread', () => {
  test('does not count init as a call', async () => {
    const it = note();
    await using pool = new ThreadPool({ size: 1, minThreads: 1, maxTasksPerThread: 1, init });
    await vi.waitFor(() => expect(pool.stats().threads).toBe(1), wide);
    const again = reaches(it, 1, 2).then(() => 'again');
    const never = new Promise((resolve) => setTimeout(resolve, 3000, 'never'));

    expect(await Promise.race([again, never])).toBe('never');
  });
});

describe('maxAge', () => {
  test('replaces idle threads again and again', async () => {
    const it = note();
    await using pool = new ThreadPool({ size: 1, maxAge: 20, init });
    await state.with({ pool })();

    await vi.waitFor(() => expect(it[1]).toBeGreaterThan(4), { timeout: 30_000, interval: 20 });
  });
});

describe('minThreads', () => {
  test('are started once they can be, if they could not', async () => {
    const it = note('initThrows');
    await using pool = new ThreadPool({ size: 2, minThreads: 2, init });
    await reaches(it, 1, 2);
    tell(it, 'nothing');

    await vi.waitFor(() => expect(pool.stats().threads).toBe(2), wide);
    expect(await add.with({ pool })(1)).toBe(2);
  });
});

describe('map', () => {
  test('takes a string, which is iterable', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const results: unknown[] = [];
    for await (const result of pool.map('ab', echo)) results.push(result);

    expect(results).toEqual([['a'], ['b']]);
  });

  test('that is never iterated leaves nothing at its signal', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const { signal } = new AbortController();
    await pool.map([1], echo, { signal }).return();

    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('is not refused for the maxQueue of its own pool', async () => {
    await using pool = new ThreadPool({ size: 1, maxQueue: 0 });
    const results: unknown[] = [];
    for await (const result of pool.map([1, 2, 3], add)) results.push(result);

    expect(results).toEqual([2, 3, 4]);
  });
});

describe('calls that wait for others by a promise', () => {
  test('wait no longer than a moment for each of those before it', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const it = gate();
    const found = later<unknown>();
    const outer = waits.with({ pool })(() => found.promise, 0, it);
    await reaches(it, 1, 1);
    const before = Array.from({ length: 10 }, async (_, i) => add.with({ pool })(i));
    await before[0];
    const start = performance.now();
    await Promise.all(before);
    const time = performance.now() - start;
    found.resolve(1);

    await outer;
    expect(time).toBeLessThan(4000);
  });

  test('are let in if the thread of their key comes to wait after they were made', async () => {
    const pool = new ThreadPool({ size: 2 });
    const [where0, where1] = (await Promise.all([0, 1].map(async (key) => where.with({ pool, key })()))) as [
      number,
      number,
    ];
    expect(where0).not.toBe(where1);
    const it = gate();
    const [made, done] = [later(), later<unknown>()];
    const blocker = waitsLater.with({ pool, key: 1 })(() => done.promise, it);
    await reaches(it, 1, 1);
    const outer = waits.with({ pool, key: 0 })(async () => {
      const nested = add.with({ pool, key: 1 })(1);
      made.resolve();
      return nested;
    }, 0);
    done.resolve(outer);
    await made.promise;
    open(it);
    const outcomes = Promise.allSettled([outer, blocker]);
    await pool.close({ timeout: 5000 });

    expect(await outcomes).toMatchObject([{ status: 'fulfilled' }, { status: 'fulfilled' }]);
  });
});

describe('callSignal in inline mode', () => {
  test('is aborted with its call', async () => {
    configure({ inline: true });
    const it = gate();
    const controller = new AbortController();
    const call = listens.with({ signal: controller.signal })(it);
    configure({ inline: false });
    await reaches(it, 1, 1);
    controller.abort('enough');

    await expect(call).rejects.toBe('enough');
    await vi.waitFor(() => expect(it[2]).toBe(1), wide);
  });
});
