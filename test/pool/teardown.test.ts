/** The function `teardown`, which every thread runs before it ends. @module */

import { ThreadPool } from 'offloop';
import { describe, expect, test, vi } from 'vitest';
import { echo, spin } from '../fixtures/jobs/basics.mjs';
import { asyncTeardown, state, teardown } from '../fixtures/jobs/prepared.mjs';
import { gate, reaches } from '../support/gate.ts';
import { note } from '../support/note.ts';

const wide = { timeout: 10_000, interval: 5 };

/** Everything that `pool` reports. */
function heardOf(pool: ThreadPool): unknown[] {
  const heard: unknown[] = [];
  pool.on('error', (error) => heard.push(error));
  return heard;
}

describe('teardown', () => {
  test('runs in each thread when the pool is closed', async () => {
    const it = note();
    const pool = new ThreadPool({ size: 2, minThreads: 2, teardown });
    await vi.waitFor(() => expect(pool.stats().threads).toBe(2), wide);
    await state.with({ pool })();
    await pool.close();

    expect(it[2]).toBe(2);
    expect(pool.stats().threads).toBe(0);
  });

  test('is awaited if it is async', async () => {
    const it = note();
    const pool = new ThreadPool({ size: 1, teardown: asyncTeardown });
    await echo.with({ pool })(1);
    await pool.close();

    expect(it[2]).toBe(1);
  });

  test('runs when a thread has been idle for too long', async () => {
    const it = note();
    await using pool = new ThreadPool({ size: 1, idleTimeout: 20, teardown });
    await echo.with({ pool })(1);

    await reaches(it, 2, 1);
    expect(await echo.with({ pool })(2)).toEqual([2]);
  });

  test('runs when a thread has done its share', async () => {
    const it = note();
    await using pool = new ThreadPool({ size: 1, maxTasksPerThread: 2, teardown });
    await echo.with({ pool })(1);
    await echo.with({ pool })(2);

    await reaches(it, 2, 1);
    expect(await state.with({ pool })()).toEqual([0, 1, expect.any(Number)]);
  });

  test('does not run when the pool is terminated', async () => {
    const it = note();
    const entered = gate();
    const pool = new ThreadPool({ size: 2, teardown });
    const outcome = expect(spin.with({ pool })(entered)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' });
    await reaches(entered, 1, 1);
    await echo.with({ pool })(1);
    await pool.terminate();

    await outcome;
    expect(it[2]).toBe(0);
  });
});

describe('teardown that fails', () => {
  test("by throwing is told of by 'error', and the thread ends", async () => {
    const it = note('teardownThrows');
    const pool = new ThreadPool({ size: 1, teardown });
    const heard = heardOf(pool);
    await echo.with({ pool })(1);
    await pool.close();

    expect(it[2]).toBe(1);
    expect(heard).toMatchObject([{ name: 'RangeError', message: 'no end today' }]);
    expect(pool.stats().threads).toBe(0);
  });

  test('by throwing harms nobody who does not listen', async () => {
    const it = note('teardownThrows');
    await using pool = new ThreadPool({ size: 1, idleTimeout: 20, teardown });
    await echo.with({ pool })(1);
    await reaches(it, 2, 1);

    expect(await echo.with({ pool })(2)).toEqual([2]);
  });

  test('by hanging is cut after grace', async () => {
    const it = note('teardownSpins');
    const pool = new ThreadPool({ size: 1, grace: 1000, teardown });
    const heard = heardOf(pool);
    await echo.with({ pool })(1);
    await pool.close();

    expect(it[2]).toBe(1);
    expect(heard).toMatchObject([{ code: 'ERR_OFFLOOP_WORKER_EXIT' }]);
    expect(pool.stats().threads).toBe(0);
  });

  test('by ending its thread is told of as such', async () => {
    note('teardownExits');
    const pool = new ThreadPool({ size: 1, teardown });
    const heard = heardOf(pool);
    await echo.with({ pool })(1);
    await pool.close();

    expect(heard).toMatchObject([{ code: 'ERR_OFFLOOP_WORKER_EXIT', exitCode: 9 }]);
  });
});

describe('teardown that succeeds', () => {
  test("is nothing that 'error' tells of, however the thread ends", async () => {
    const it = note();
    const pool = new ThreadPool({ size: 1, idleTimeout: 20, teardown });
    const heard = heardOf(pool);
    await echo.with({ pool })(1);
    await reaches(it, 2, 1);
    await echo.with({ pool })(2);
    await pool.close();

    expect([it[2], heard]).toEqual([2, []]);
  });
});
