/** How many calls may wait, and who waits for room. @module */

import { ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import { add, block, echo, log } from '../fixtures/jobs/basics.mjs';
import { gate, open, reaches } from '../support/gate.ts';

const full = { code: 'ERR_OFFLOOP_QUEUE_FULL' };

/** A pool of one whose thread is taken until the gate is opened, with `waiting` calls that wait for it. */
async function taken(pool: ThreadPool, waiting: number): Promise<{ free(): Promise<void> }> {
  const it = gate();
  const calls: Promise<unknown>[] = [block.with({ pool })(it, 1)];
  await reaches(it, 1, 1);
  for (let i = 0; i < waiting; i += 1) calls.push(echo.with({ pool })(i));
  return {
    free: async () => {
      open(it);
      await Promise.all(calls);
    },
  };
}

describe('maxQueue', () => {
  test('counts calls that wait, whatever they wait for', async () => {
    await using pool = new ThreadPool({ size: 1, maxQueue: 3 });
    const { free } = await taken(pool, 1);
    const others = [echo.with({ pool, key: 'k' })(1), echo.with({ pool, priority: 1 })(2)];

    await expect(echo.with({ pool })(3)).rejects.toMatchObject(full);
    await expect(echo.with({ pool, key: 'k' })(3)).rejects.toMatchObject(full);
    await free();
    expect(await Promise.all(others)).toEqual([[1], [2]]);
  });

  test('counts short calls, which wait in the thread', async () => {
    await using pool = new ThreadPool({ size: 1, maxQueue: 3 });
    const call = add.with({ pool });
    for (let i = 0; i < 50; i += 1) await call(i);
    const outcomes = await Promise.allSettled(Array.from({ length: 10 }, async (_, i) => call(i)));

    expect(outcomes.slice(0, 4)).toEqual([1, 2, 3, 4].map((value) => ({ status: 'fulfilled', value })));
    expect(outcomes.slice(4)).toMatchObject(Array.from({ length: 6 }, () => ({ reason: full })));
  });

  test('has room again once a waiting call was given up', async () => {
    await using pool = new ThreadPool({ size: 1, maxQueue: 1 });
    const { free } = await taken(pool, 0);
    const controller = new AbortController();
    const gone = echo.with({ pool, signal: controller.signal })(1);
    await expect(echo.with({ pool })(2)).rejects.toMatchObject(full);
    controller.abort('gone');
    const next = echo.with({ pool })(3);

    await expect(gone).rejects.toBe('gone');
    await free();
    expect(await next).toEqual([3]);
  });
});

describe('ready', () => {
  test('resolves at once where there is room', async () => {
    await using pool = new ThreadPool({ size: 1, maxQueue: 0 });
    await pool.ready();
    expect(await add.with({ pool })(1)).toBe(2);

    await using unbounded = new ThreadPool({ size: 1 });
    await Promise.all(Array.from({ length: 100 }, async () => unbounded.ready()));
    expect(unbounded.stats().threads).toBe(0);
  });

  test('resolves as soon as a call would not be refused', async () => {
    await using pool = new ThreadPool({ size: 1, maxQueue: 1 });
    const { free } = await taken(pool, 1);
    let isReady = false;
    const ready = pool.ready().then(() => (isReady = true));
    await expect(echo.with({ pool })(1)).rejects.toMatchObject(full);
    expect(isReady).toBe(false);

    const freed = free();
    await ready;
    expect(await echo.with({ pool })(2)).toEqual([2]);
    await freed;
  });

  test('lets callers in one by one, in order, and none of their calls is refused', async () => {
    await using pool = new ThreadPool({ size: 1, maxQueue: 1 });
    const { free } = await taken(pool, 1);
    const counter = gate();
    const callers = Array.from({ length: 20 }, async (_, i) => {
      await pool.ready();
      return log.with({ pool })(counter, i);
    });
    await free();

    expect(await Promise.all(callers)).toEqual(callers.map((_, i) => [i, i]));
  });

  test.each([1, 2, 4])('keeps a loop of calls within a maxQueue of %i', async (maxQueue) => {
    await using pool = new ThreadPool({ size: 2, maxQueue });
    const calls: Promise<unknown>[] = [];
    for (let i = 0; i < 100; i += 1) {
      await pool.ready();
      calls.push(add.with({ pool })(i));
    }

    expect(await Promise.all(calls)).toEqual(calls.map((_, i) => i + 1));
  });

  test('resolves for the next one if a caller makes no call', async () => {
    await using pool = new ThreadPool({ size: 1, maxQueue: 0 });
    await add.with({ pool })(1);

    for (let i = 0; i < 5; i += 1) await pool.ready();
    expect(await add.with({ pool })(1)).toBe(2);
  });

  test('rejects with the reason of its signal, and leaves the others in line', async () => {
    await using pool = new ThreadPool({ size: 1, maxQueue: 0 });
    const { free } = await taken(pool, 0);
    const controller = new AbortController();
    const [gone, stays] = [pool.ready({ signal: controller.signal }), pool.ready()];
    controller.abort('changed my mind');

    await expect(gone).rejects.toBe('changed my mind');
    await expect(pool.ready({ signal: controller.signal })).rejects.toBe('changed my mind');
    await free();
    await stays;
    expect(await echo.with({ pool })(1)).toEqual([1]);
  });

  test.each(['close', 'terminate'] as const)('rejects when the pool ends by %s', async (end) => {
    const pool = new ThreadPool({ size: 1, maxQueue: 0 });
    const it = gate();
    const outcome = Promise.allSettled([block.with({ pool })(it, 1)]);
    await reaches(it, 1, 1);
    const waiting = Promise.allSettled([pool.ready(), pool.ready()]);
    const ended = pool[end]();

    const closed = { status: 'rejected', reason: { code: 'ERR_OFFLOOP_CLOSED' } };
    expect(await waiting).toMatchObject([closed, closed]);
    await expect(pool.ready()).rejects.toMatchObject(closed.reason);
    open(it);
    await Promise.all([ended, outcome]);
  });

  test('refuses options that it does not have', async () => {
    await using pool = new ThreadPool({ size: 1 });

    await expect(pool.ready({ signal: 1 } as object)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_ARGUMENT' });
    await expect(pool.ready({ timeout: 1 } as object)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_ARGUMENT' });
  });
});
