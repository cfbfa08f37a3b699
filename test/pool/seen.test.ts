/** The statistics and events of a pool, also for failures that belong to no call. @module */

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { once } from 'node:events';
import { ThreadPool } from 'offloop';
import { describe, expect, test, vi } from 'vitest';
import { add, block, echo, spin, where } from '../fixtures/jobs/basics.mjs';
import { exits, exitsLater, fails } from '../fixtures/jobs/failing.mjs';
import { count, exits as exitsAfter } from '../fixtures/jobs/generators.mjs';
import { waits } from '../fixtures/jobs/nested.mjs';
import { init } from '../fixtures/jobs/prepared.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { later } from '../support/later.ts';
import { note } from '../support/note.ts';
import { take } from '../support/take.ts';

const wide = { timeout: 10_000, interval: 5 };
const none = { count: 0, sum: 0, min: 0, mean: 0, deviation: 0, p50: 0, p90: 0, p99: 0, max: 0 };

describe('stats', () => {
  test('of a pool that did nothing are zero', async () => {
    await using pool = new ThreadPool({ size: 2 });

    expect(pool.stats()).toEqual({
      threads: 0,
      busy: 0,
      blocked: 0,
      iterating: 0,
      ending: 0,
      queued: 0,
      perThread: [],
      completed: 0,
      failed: 0,
      refused: 0,
      timedOut: 0,
      aborted: 0,
      lost: 0,
      waitTime: none,
      runTime: none,
      utilization: 0,
    });
  });

  test('count calls that returned, and those that threw, were given up, or refused', async () => {
    await using pool = new ThreadPool({ size: 1, maxQueue: 0 });
    await add.with({ pool })(1);
    await add.with({ pool })(2);
    await expect(fails.with({ pool })('exported')).rejects.toThrow('told');
    const it = gate();
    const controller = new AbortController();
    const aborted = spin.with({ pool, signal: controller.signal })(it);
    await reaches(it, 1, 1);
    await expect(add.with({ pool })(3)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_QUEUE_FULL' });
    controller.abort('enough');
    await expect(aborted).rejects.toBe('enough');

    expect(pool.stats()).toMatchObject({ completed: 2, failed: 3 });
  });

  test('tell calls that failed apart by what ended them', async () => {
    await using pool = new ThreadPool({ size: 1, maxQueue: 2 });
    await expect(fails.with({ pool })('exported')).rejects.toThrow('told');
    await expect(exits.with({ pool })(3)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT' });
    await expect(spin.with({ pool, timeout: 20 })(gate())).rejects.toMatchObject({ code: 'ERR_OFFLOOP_TIMEOUT' });
    const it = gate();
    const controller = new AbortController();
    const aborted = spin.with({ pool, signal: controller.signal })(it);
    await reaches(it, 1, 1);
    const [waiting, impatient] = [add.with({ pool })(1), add.with({ pool, queueTimeout: 10 })(2)];
    await expect(add.with({ pool })(3)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_QUEUE_FULL' });
    await expect(impatient).rejects.toMatchObject({ code: 'ERR_OFFLOOP_QUEUE_TIMEOUT' });
    controller.abort('enough');
    await expect(aborted).rejects.toBe('enough');
    await waiting;

    expect(pool.stats()).toMatchObject({
      completed: 1,
      failed: 6,
      refused: 1,
      timedOut: 2,
      aborted: 1,
      lost: 1,
    });
  });

  test('count an iterator that its consumer aborts as aborted, not as returned', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const controller = new AbortController();
    const items = count.with({ pool, signal: controller.signal })(Infinity);
    await items.next();
    controller.abort('enough');
    await expect(
      (async () => {
        for await (const _ of items);
      })(),
    ).rejects.toBe('enough');

    await vi.waitFor(() => expect(pool.stats()).toMatchObject({ completed: 0, failed: 1, aborted: 1 }), wide);
  });

  test('tell how many threads run calls, how many wait for a callback, and how many calls wait', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const it = gate();
    const [begun, released] = [later(), later()];
    const working = block.with({ pool })(it, 1);
    await reaches(it, 1, 1);
    const waiting = waits.with({ pool })(async () => {
      begun.resolve();
      await released.promise;
    }, 0);
    await begun.promise;
    const queued = [1, 2, 3].map(async (n) => add.with({ pool })(n));
    expect(pool.stats()).toMatchObject({ threads: 2, busy: 2, blocked: 1, queued: 3 });

    released.resolve();
    open(it);
    await Promise.all([working, waiting, ...queued]);
    expect(pool.stats()).toMatchObject({ threads: 2, busy: 0, blocked: 0, queued: 0, completed: 5 });
  });

  test('tell how long calls waited and ran, in milliseconds', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const it = gate();
    const start = performance.now();
    const long = block.with({ pool })(it, 1);
    await reaches(it, 1, 1);
    const entered = performance.now();
    const behind = Array.from({ length: 50 }, async (_, i) => echo.with({ pool })(i));
    await expect.poll(() => performance.now() - entered).toBeGreaterThan(50);
    open(it);
    await Promise.all([long, ...behind]);
    const whole = performance.now() - start;
    const { waitTime, runTime, utilization } = pool.stats();

    for (const { min, mean, deviation, p50, p90, p99, max } of [waitTime, runTime]) {
      const times = [0, p50, p90, p99, max, whole * 1.01];
      expect(times).toEqual(times.toSorted((a, b) => a - b));
      expect(mean).toBeLessThanOrEqual(max);
      expect(min).toBeLessThanOrEqual(mean);
      expect(deviation).toBeGreaterThan(0);
      expect(deviation).toBeLessThanOrEqual(max - min);
    }
    expect(runTime.max).toBeGreaterThan(45);
    expect(runTime.p50).toBeLessThan(45);
    expect(waitTime.p50).toBeGreaterThan(45);
    expect(utilization).toBeGreaterThan(0);
    expect(utilization).toBeLessThanOrEqual(1);
  });

  test('tell of each thread, by its number', async () => {
    note();
    await using pool = new ThreadPool({ size: 2, init });
    const it = gate();
    const [one, two] = await pool.runOnAll(where);
    const working = block.with({ pool })(it, 1);
    await reaches(it, 1, 1);
    const isFirst = it[1] === one;
    const { perThread } = pool.stats();

    expect(perThread).toMatchObject([
      { number: 1, threadId: one, calls: 1, busy: isFirst, blocked: false, iterating: false },
      { number: 2, threadId: two, calls: 1, busy: !isFirst, blocked: false, iterating: false },
    ]);
    for (const { age, runTime } of perThread) {
      expect(runTime).toBeGreaterThanOrEqual(0);
      expect(age).toBeGreaterThan(runTime);
    }
    await expect
      .poll(() => pool.stats().perThread.every(({ age }, i) => age > Number(perThread[i]?.age) + 20))
      .toBe(true);
    open(it);
    await working;
    const busier = pool.stats().perThread.find(({ threadId }) => threadId === it[1]);
    expect(busier).toMatchObject({ calls: 2, busy: false });
    expect(busier?.runTime).toBeGreaterThan(15);
  });

  test('begin anew when they are reset, but for what each thread has done', async () => {
    await using pool = new ThreadPool({ size: 1 });
    await add.with({ pool })(1);
    await expect(fails.with({ pool })('exported')).rejects.toThrow('told');
    expect(pool.resetStats()).toMatchObject({ completed: 1, failed: 1, perThread: [{ calls: 2 }] });

    expect(pool.stats()).toMatchObject({ threads: 1, completed: 0, failed: 0, waitTime: none, runTime: none });
    await add.with({ pool })(1);
    const { completed, perThread, utilization } = pool.stats();
    expect([completed, perThread[0]?.calls]).toEqual([1, 3]);
    expect(utilization).toBeLessThanOrEqual(1);
  });
});

describe('a thread that ends while it runs no call', () => {
  const ended = { code: 'ERR_OFFLOOP_WORKER_EXIT', exitCode: 7 };

  /** Lets the only thread of `pool` end after its call. */
  async function endIdle(pool: ThreadPool): Promise<void> {
    await exitsLater.with({ pool })();
    await vi.waitFor(() => expect(pool.stats().threads).toBe(0), wide);
  }

  test("is told of by 'error'", async () => {
    await using pool = new ThreadPool({ size: 1 });
    const heard = once(pool, 'error').catch((error: unknown) => [error]);
    await endIdle(pool);

    expect(await heard).toMatchObject([ended]);
    expect(await add.with({ pool })(1)).toBe(2);
  });

  test('is told of by the diagnostics channel offloop:error, with its pool', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const heard: unknown[] = [];
    const hear = (message: unknown): void => void heard.push(message);
    subscribe('offloop:error', hear);
    await endIdle(pool);
    unsubscribe('offloop:error', hear);

    expect(heard).toHaveLength(1);
    expect(heard[0]).toMatchObject({ error: ended });
    expect((heard[0] as { pool: unknown }).pool).toBe(pool);
  });

  test('harms nobody where nobody listens', async () => {
    await using pool = new ThreadPool({ size: 1 });
    await endIdle(pool);

    expect(await add.with({ pool })(1)).toBe(2);
  });
});

describe('a thread that ends while it runs', () => {
  test.each<[string, (pool: ThreadPool) => Promise<unknown>]>([
    ['a call', async (pool) => exits.with({ pool })(7)],
    ['the call of an iterator', async (pool) => take(exitsAfter.with({ pool })(2))],
    ['a call before others', async (pool) => Promise.all([exits.with({ pool })(7), add.with({ pool })(1)])],
  ])("%s is nothing that 'error' tells of, since that is told", async (_, call) => {
    await using pool = new ThreadPool({ size: 1 });
    const heard: unknown[] = [];
    pool.on('error', (error) => heard.push(error));

    await expect(call(pool)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT' });
    expect(await add.with({ pool })(1)).toBe(2);
    expect(heard).toEqual([]);
  });
});

describe("a pool's end", () => {
  test.each(['close', 'terminate'] as const)("by %s is nothing that 'error' tells of", async (end) => {
    const pool = new ThreadPool({ size: 2 });
    const heard: unknown[] = [];
    pool.on('error', (error) => heard.push(error));
    await pool.runOnAll(add, 1, 2);
    await pool[end]();

    expect(heard).toEqual([]);
  });
});
