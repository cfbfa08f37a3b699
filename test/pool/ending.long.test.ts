/** Threads that were told to end while native code runs in them: it goes on until it returns, and nobody waits for it. @module */

import { configure, ThreadPool } from 'offloop';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { echo, separate, where } from '../fixtures/jobs/basics.mjs';
import { waits } from '../fixtures/jobs/nested.mjs';
import * as jobs from '../fixtures/jobs/stuck.mjs';
import { gate } from '../support/gate.ts';
import { hold } from '../support/hold.ts';
import type { Hold } from '../support/hold.ts';
import { later } from '../support/later.ts';

const wide = { timeout: 20_000, interval: 5 };
const timedOut = { code: 'ERR_OFFLOOP_TIMEOUT' };
const queuedTooLong = { code: 'ERR_OFFLOOP_QUEUE_TIMEOUT' };
afterEach(() => configure({ maxWorkers: 16 }));

/** Makes `count` calls, one after the other, each given up once native code runs in its thread. */
async function giveUp(pool: ThreadPool, { folder, begun }: Hold, count: number): Promise<void> {
  for (let i = 1; i <= count; i += 1) {
    const controller = new AbortController();
    const call = jobs.stuck.with({ pool, signal: controller.signal })(folder);
    await begun(i);
    controller.abort('enough');
    await expect(call).rejects.toBe('enough');
  }
}

describe('a thread of a pool that is kept by native code', () => {
  test('leaves its place at once to another one, which takes what waits', async () => {
    const { folder, begun, release } = hold();
    await using pool = new ThreadPool({ size: 1 });
    const controller = new AbortController();
    const stuck = jobs.stuck.with({ pool, signal: controller.signal })(folder);
    const waiting = [1, 2].map(async (n) => echo.with({ pool })(n));
    await begun(1);
    controller.abort('enough');

    await expect(stuck).rejects.toBe('enough');
    expect(await Promise.all(waiting)).toEqual([[1], [2]]);
    expect(pool.stats()).toMatchObject({ threads: 1, busy: 0, ending: 1, queued: 0 });
    release();
    await vi.waitFor(() => expect(pool.stats()).toMatchObject({ threads: 1, ending: 0 }), wide);
  });

  test('keeps others from being started while more of them are ending than the pool has places', async () => {
    const held = hold();
    await using pool = new ThreadPool({ size: 2 });
    await giveUp(pool, held, 3);
    expect(pool.stats()).toMatchObject({ threads: 0, ending: 3 });

    await expect(echo.with({ pool, queueTimeout: 50 })('late')).rejects.toMatchObject(queuedTooLong);
    expect(pool.stats()).toMatchObject({ threads: 0, ending: 3, queued: 0 });
    const waiting = echo.with({ pool })('waits');
    expect(pool.stats()).toMatchObject({ threads: 0, queued: 1 });
    held.release();
    expect(await waiting).toEqual(['waits']);
  });

  test('keeps no call waiting that a running call waits for', async () => {
    const held = hold();
    await using pool = new ThreadPool({ size: 1 });
    const outer = waits.with({ pool })(async () => {
      // Each has a thread beside that of the call which waits.
      await giveUp(pool, held, 3);
      expect(pool.stats()).toMatchObject({ ending: 3, busy: 1 });
      return where.with({ pool })();
    }, 0);

    expect(await outer).toEqual([expect.any(Number), expect.any(Number)]);
    held.release();
  });

  test('keeps nothing that was lent to it', async () => {
    const { folder, begun, release } = hold();
    await using pool = new ThreadPool({ size: 1, grace: 0 });
    const closed = later();
    const numbers = function* (): Generator<number> {
      try {
        for (let n = 0; ; n += 1) yield n;
      } finally {
        closed.resolve();
      }
    };
    const controller = new AbortController();
    const call = jobs.takesThenSticks.with({ pool, signal: controller.signal })(numbers(), folder);
    await begun(1);
    controller.abort('enough');

    await expect(call).rejects.toBe('enough');
    await closed.promise;
    expect(pool.stats()).toMatchObject({ ending: 1 });
    release();
  });

  test('keeps none of the threads that it was lent', async () => {
    const { folder, begun, release } = hold();
    await using pool = new ThreadPool({ size: 1 });
    const it = gate();
    const controller = new AbortController();
    const call = jobs.beatsAndSticks.with({ pool, signal: controller.signal })(folder, it);
    await begun(1);
    controller.abort('enough');

    await expect(call).rejects.toBe('enough');
    // Its thread counts in field 2 for as long as it lives.
    let last = -1;
    await vi.waitFor(() => {
      const before = last;
      last = Atomics.load(it, 2);
      expect(last).toBe(before);
    }, wide);
    expect(pool.stats()).toMatchObject({ ending: 1 });
    release();
  });

  test('in its teardown leaves its place as well', async () => {
    const { folder, begun, release } = hold();
    process.env['STUCK'] = folder;
    await using pool = new ThreadPool({ size: 1, grace: 500, teardown: jobs.stuckTeardown });
    const first = await jobs.here.with({ pool })();
    void pool.recycle();
    await begun(1);

    expect(await jobs.here.with({ pool })()).not.toBe(first);
    expect(pool.stats()).toMatchObject({ threads: 1, ending: 1 });
    void pool.recycle();
    await begun(2);
    void pool.recycle();
    await begun(3);
    await expect(where.with({ pool, queueTimeout: 50 })()).rejects.toMatchObject(queuedTooLong);
    expect(pool.stats()).toMatchObject({ threads: 0, ending: 3 });
    release();
    expect(await where.with({ pool })()).toBeGreaterThan(0);
  });

  test('keeps neither an iterator nor the next call', async () => {
    const { folder, begun, release } = hold();
    await using pool = new ThreadPool({ size: 1, grace: 0 });
    const items = jobs.stuckItems.with({ pool })(folder);
    expect(await items.next()).toMatchObject({ done: false });
    const next = items.next();
    await begun(1);

    await expect(items.close()).rejects.toMatchObject(timedOut);
    expect(await next).toEqual({ value: undefined, done: true });
    expect(await echo.with({ pool })(1)).toEqual([1]);
    expect(pool.stats()).toMatchObject({ threads: 1, iterating: 0, ending: 1 });
    release();
  });
});

describe('the end of a pool', () => {
  test('by terminate is told of though native code keeps threads, and the numbers say so', async () => {
    const { folder, begun, release } = hold();
    const pool = new ThreadPool({ size: 2 });
    const calls = [1, 2].map(async () => jobs.stuck.with({ pool })(folder));
    const outcomes = Promise.allSettled([...calls, echo.with({ pool })(1)]);
    await begun(2);
    const [first, second] = [pool.terminate(), pool.terminate()];

    const reason = { code: 'ERR_OFFLOOP_CLOSED' };
    expect(await outcomes).toMatchObject([{ reason }, { reason }, { reason }]);
    const ended = { threads: 0, busy: 0, blocked: 0, ending: 2, queued: 0 };
    await first;
    expect(pool.stats()).toMatchObject(ended);
    await Promise.all([second, pool.terminate(), pool.close()]);
    expect(pool.stats()).toMatchObject(ended);
    release();
    await vi.waitFor(() => expect(pool.stats()).toMatchObject({ threads: 0, ending: 0 }), wide);
  });

  test('by close with a timeout likewise', async () => {
    const { folder, begun } = hold();
    const pool = new ThreadPool({ size: 2 });
    const outcomes = Promise.allSettled([1, 2].map(async () => jobs.stuck.with({ pool })(folder)));
    await begun(2);
    await pool.close({ timeout: 20 });

    const reason = { code: 'ERR_OFFLOOP_CLOSED' };
    expect(await outcomes).toMatchObject([{ reason }, { reason }]);
    expect(pool.stats()).toMatchObject({ threads: 0, busy: 0, ending: 2, queued: 0 });
  });

  test('by close does not wait for a teardown that is kept by native code', async () => {
    process.env['STUCK'] = hold().folder;
    const pool = new ThreadPool({ size: 1, grace: 500, teardown: jobs.stuckTeardown });
    await jobs.here.with({ pool })();
    await pool.close();

    expect(pool.stats()).toMatchObject({ threads: 0, busy: 0, ending: 1 });
  });

  test('by terminate waits for threads that do end, and a second one with it', async () => {
    const pool = new ThreadPool({ size: 4, minThreads: 4 });
    await vi.waitFor(() => expect(pool.stats().threads).toBe(4), wide);
    void pool.terminate();
    await pool.terminate();

    expect(pool.stats()).toMatchObject({ threads: 0, busy: 0, ending: 0 });
  });
});

describe('a thread for one call that is kept by native code', () => {
  /** Makes a call that is given up once native code runs in the thread that it has, the one of that number. */
  async function giveUpAlone({ folder, begun }: Hold, count: number): Promise<void> {
    const controller = new AbortController();
    const call = jobs.stuckAlone.with({ signal: controller.signal })(folder);
    await begun(count);
    controller.abort('enough');
    await expect(call).rejects.toBe('enough');
  }

  test('leaves its place at once to another one, while no more are ending than may live', async () => {
    const held = hold();
    configure({ maxWorkers: 1 });
    await giveUpAlone(held, 1);
    expect(await separate(1)).toEqual([1, expect.any(Number)]);
    await giveUpAlone(held, 2);

    await expect(separate.with({ queueTimeout: 50 })('late')).rejects.toMatchObject(queuedTooLong);
    held.release();
    expect(await separate(2)).toEqual([2, expect.any(Number)]);
  });

  test('keeps neither an iterator nor the next call', async () => {
    const { folder, begun } = hold();
    configure({ maxWorkers: 1 });
    const items = jobs.stuckItemsAlone(folder);
    expect(await items.next()).toMatchObject({ done: false });
    const next = items.next();
    await begun(1);

    await expect(items.close()).rejects.toMatchObject(timedOut);
    expect(await next).toEqual({ value: undefined, done: true });
    expect(await separate(1)).toEqual([1, expect.any(Number)]);
  });
});
