/** Threads that have done their share are replaced, and nobody notices. @module */

import { ThreadPool } from 'offloop';
import { describe, expect, test, vi } from 'vitest';
import { add, block, echo, log, where } from '../fixtures/jobs/basics.mjs';
import { init, state } from '../fixtures/jobs/prepared.mjs';
import { hoards, hoardsOn, serves, servesItems, servesShort } from '../fixtures/jobs/staff.mjs';
import { cases } from '../support/full.ts';
import { gate, open, reaches } from '../support/gate.ts';
import { note, tell } from '../support/note.ts';

const wide = { timeout: 10_000, interval: 5 };

/** Resolves once calls run in another thread than `before`. */
async function replaced(pool: ThreadPool, before: number): Promise<void> {
  await vi.waitFor(async () => expect(await where.with({ pool })()).not.toBe(before), wide);
}

/** Makes `count` calls at once. */
const each = <T>(count: number, call: (i: number) => Promise<T>): Promise<T>[] =>
  Array.from({ length: count }, async (_, i) => call(i));

async function all<T>(items: AsyncIterable<T>): Promise<T[]> {
  const taken: T[] = [];
  for await (const item of items) taken.push(item);
  return taken;
}

/** Makes `count` calls one after the other. */
async function inTurn<T>(count: number, call: () => Promise<T>): Promise<T[]> {
  const results: T[] = [];
  for (let i = 0; i < count; i += 1) results.push(await call());
  return results;
}

describe('maxTasksPerThread', () => {
  test('replaces a thread after so many calls', async () => {
    await using pool = new ThreadPool({ size: 1, maxTasksPerThread: 3 });
    const first = await where.with({ pool })();
    expect([await where.with({ pool })(), await where.with({ pool })()]).toEqual([first, first]);

    await replaced(pool, first);
    expect(pool.stats().threads).toBeGreaterThan(0);
  });

  test('starts the replacement with the last call of the thread, and ends the thread when that is ready', async () => {
    const it = note();
    await using pool = new ThreadPool({ size: 1, maxTasksPerThread: 2, init });
    const [, , first] = await state.with({ pool })();
    tell(it, 'initWaits');
    const entered = gate();
    const last = block.with({ pool })(entered, 'ran');
    await reaches(it, 1, 2);
    open(entered);
    expect(await last).toBe('ran');
    const next = where.with({ pool })();

    expect(pool.stats()).toMatchObject({ threads: 1, busy: 0, queued: 1 });
    open(it);
    expect(await next).not.toBe(first);
    await vi.waitFor(() => expect(pool.stats().threads).toBe(1), wide);
  });

  test('lets a call that runs end before its thread does', async () => {
    const it = note();
    await using pool = new ThreadPool({ size: 1, maxTasksPerThread: 1, init });
    const entered = gate();
    const running = block.with({ pool })(entered, 'ran');
    await reaches(entered, 1, 1);
    await vi.waitFor(() => expect(it[1]).toBe(2), wide);
    const next = where.with({ pool })();
    open(entered);

    expect(await running).toBe('ran');
    expect(await next).not.toBe(entered[1]);
  });

  const ways: [string, number, object, (pool: ThreadPool) => Promise<unknown>[]][] = [
    ['one after the other', 1, {}, (pool) => [inTurn(6, async () => servesShort.with({ pool })())]],
    [
      'short, of different priorities',
      7,
      {},
      (pool) => each(60, async (i) => servesShort.with({ pool, priority: i % 3 })()),
    ],
    ['sent ahead in a pool of one', 2, { size: 1 }, (pool) => each(8, async () => serves.with({ pool })(undefined))],
    [
      'in callbacks of each other',
      1,
      { size: 1 },
      (pool) => {
        const nest = async (depth: number): Promise<number> =>
          serves.with({ pool })(depth === 0 ? undefined : async () => nest(depth - 1));
        return [nest(3), nest(0), nest(1)];
      },
    ],
    ['at once', 1, {}, (pool) => each(6, async () => serves.with({ pool })(undefined))],
    ['short', 7, {}, (pool) => each(60, async () => servesShort.with({ pool })())],
    ['of a few keys', 3, {}, (pool) => each(18, async (i) => servesShort.with({ pool, key: i % 3 })())],
    ['of iterators', 1, {}, (pool) => each(4, async () => (await all(servesItems.with({ pool })()))[0])],
    ['in all threads', 1, {}, (pool) => [inTurn(3, async () => Math.max(...(await pool.runOnAll(servesShort))))]],
  ];

  test.each(cases(ways, 4))('starts no call too many, of calls %s', async (_, maxTasksPerThread, options, calls) => {
    // Known to be short, as far as it is.
    await using warm = new ThreadPool({ size: 1 });
    for (let i = 0; i < 20; i += 1) await servesShort.with({ pool: warm })();
    await using pool = new ThreadPool({ size: 2, maxTasksPerThread, ...options });
    const places = (await Promise.all(calls(pool))).flat() as number[];

    expect(Math.max(...places)).toBeLessThanOrEqual(maxTasksPerThread);
    expect(places).toContain(1);
    await vi.waitFor(() => expect(pool.stats()).toMatchObject({ busy: 0, queued: 0 }), wide);
  });

  test('rejects calls if no replacement can be started', async () => {
    const it = note();
    await using pool = new ThreadPool({ size: 1, maxTasksPerThread: 1, init });
    const entered = gate();
    const running = block.with({ pool })(entered, 'ran');
    await reaches(entered, 1, 1);
    await vi.waitFor(() => expect(it[1]).toBe(2), wide);
    open(entered);
    await running;
    tell(it, 'initThrows');
    // The replacement that was ready by then serves the first one.
    const outcomes = await Promise.allSettled(each(3, async () => where.with({ pool })()));

    expect(outcomes.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    for (const outcome of outcomes)
      if (outcome.status === 'rejected') expect(outcome.reason).toBeInstanceOf(RangeError);
    tell(it, 'nothing');
    expect(await where.with({ pool })()).toBeGreaterThan(0);
  });

  test('never leaves fewer threads, and loses no call, under load', async () => {
    await using pool = new ThreadPool({ size: 2, maxTasksPerThread: 20 });
    const gates = [gate(), gate()];
    const blocked = gates.map(async (it) => block.with({ pool })(it, 1));
    await Promise.all(gates.map(async (it) => reaches(it, 1, 1)));
    for (const it of gates) open(it);
    await Promise.all(blocked);
    const counts = new Set<number>();
    const threads = new Set<number>();
    // Until several threads have been replaced, whatever a start takes on this machine.
    for (let round = 0; threads.size < 4 && round < 5000; round += 1) {
      const calls = Array.from({ length: 10 }, async (_, i) => add.with({ pool })(round, i));
      expect(await Promise.all(calls)).toEqual(calls.map((_, i) => round + i));
      threads.add(await where.with({ pool })());
      counts.add(pool.stats().threads);
    }

    expect(threads.size).toBeGreaterThanOrEqual(4);
    expect(Math.min(...counts)).toBeGreaterThanOrEqual(2);
  });

  test('keeps the order of keyed calls', async () => {
    await using pool = new ThreadPool({ size: 2, maxTasksPerThread: 5 });
    const counters = [gate(), gate(), gate()];
    const threads = new Set<number>();
    for (let round = 0; threads.size < 3 && round < 2000; round += 1) {
      const calls = Array.from({ length: 12 }, async (_, i) => {
        const [value, place] = await log.with({ pool, key: i % 3 })(counters[i % 3] as Int32Array, i);
        return { value: Number(value), place };
      });
      const answers = await Promise.all(calls);
      for (const key of [0, 1, 2]) {
        const places = answers.filter((_, i) => i % 3 === key).map(({ place }) => place);
        expect(places).toEqual(places.toSorted((a, b) => a - b));
      }
      threads.add(await where.with({ pool, key: 0 })());
    }

    expect(threads.size).toBeGreaterThanOrEqual(3);
  });
});

describe('maxHeap', () => {
  test('replaces a thread that uses more of its heap', async () => {
    await using pool = new ThreadPool({ size: 1, maxHeap: 60 * 2 ** 20 });
    const first = await hoards.with({ pool })(100 * 2 ** 20);

    await replaced(pool, first);
  });

  test('replaces a thread whose next call has always come before one ends', async () => {
    await using pool = new ThreadPool({ size: 1, maxHeap: 60 * 2 ** 20 });
    const ids = await Promise.all(Array.from({ length: 30 }, async () => hoardsOn.with({ pool })(4 * 2 ** 20)));

    expect(new Set(ids).size).toBeGreaterThan(1);
  });

  test('keeps one that uses less', async () => {
    await using pool = new ThreadPool({ size: 1, maxHeap: 2 ** 32 });
    const first = await hoards.with({ pool })(2 ** 20);
    await using beside = new ThreadPool({ size: 1, maxAge: 50 });
    await replaced(beside, await where.with({ pool: beside })());

    expect(await where.with({ pool })()).toBe(first);
  });
});

describe('maxAge', () => {
  test('replaces a thread that is older', async () => {
    await using pool = new ThreadPool({ size: 1, maxAge: 30 });

    await replaced(pool, await where.with({ pool })());
  });

  test('replaces one thread at a time', async () => {
    const it = note();
    await using pool = new ThreadPool({ size: 3, maxAge: 500, init });
    await pool.runOnAll(where);
    tell(it, 'initWaits');
    await vi.waitFor(async () => {
      await pool.runOnAll(where);
      expect(it[1]).toBeGreaterThan(3);
    }, wide);
    const begun = Number(it[1]);
    // Long enough for all of them to be too old.
    await using beside = new ThreadPool({ size: 1, idleTimeout: 600 });
    await echo.with({ pool: beside })(1);
    await vi.waitFor(() => expect(beside.stats().threads).toBe(0), wide);
    await pool.runOnAll(where);

    expect(it[1]).toBe(begun);
    expect(pool.stats().threads).toBe(3);
    open(it);
  });
});

describe('a pool that replaces threads', () => {
  test.each([{ maxTasksPerThread: 0 }, { maxTasksPerThread: 1.5 }, { maxHeap: 0 }, { maxAge: 0 }, { maxAge: -1 }])(
    'refuses %j',
    (options) => {
      expect(() => new ThreadPool(options)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }));
    },
  );

  test('closes while a replacement starts', async () => {
    const it = note();
    const pool = new ThreadPool({ size: 1, maxTasksPerThread: 2, init });
    await state.with({ pool })();
    await echo.with({ pool })(1);
    await reaches(it, 1, 2);
    await pool.close();

    expect(pool.stats()).toMatchObject({ threads: 0, busy: 0 });
  });
});
