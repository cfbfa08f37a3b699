/** A pool that ends while much is going on, and calls that it does not take. @module */

import { ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import { echo, spin, where } from '../fixtures/jobs/basics.mjs';
import { gate, reaches } from '../support/gate.ts';

const closed = { status: 'rejected', reason: { code: 'ERR_OFFLOOP_CLOSED' } };

describe('close', () => {
  test.each([{ timeout: -1 }, { timeout: 'x' }, { timeout: NaN }, { timout: 1 }])('refuses %j', async (options) => {
    await using pool = new ThreadPool({ size: 1 });

    await expect(pool.close(options as object)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_ARGUMENT' });
    expect(await echo.with({ pool })(1)).toEqual([1]);
  });

  test('takes parts of a millisecond, as every limit does', async () => {
    const pool = new ThreadPool({ size: 1, grace: 0.5 });
    const outcome = Promise.allSettled([spin.with({ pool })()]);
    await pool.close({ timeout: 0.5 });

    expect(await outcome).toMatchObject([closed]);
  });

  test('lets calls finish whose threads have yet to start', async () => {
    const pool = new ThreadPool({ size: 2 });
    const calls = [1, 2, 3].map(async (n) => echo.with({ pool })(n));
    await pool.close();

    expect(await Promise.all(calls)).toEqual([[1], [2], [3]]);
    expect(pool.stats()).toMatchObject({ threads: 0, busy: 0, queued: 0 });
  });

  test('is over when the pool is terminated meanwhile', async () => {
    const pool = new ThreadPool({ size: 1 });
    const outcome = Promise.allSettled([spin.with({ pool })()]);
    const closing = [pool.close(), pool.close()];
    await pool.terminate();

    await Promise.all(closing);
    expect(await outcome).toMatchObject([closed]);
  });
});

describe('terminate', () => {
  test('rejects calls whose threads have yet to start', async () => {
    const pool = new ThreadPool({ size: 2 });
    const outcomes = Promise.allSettled([1, 2, 3].map(async (n) => echo.with({ pool })(n)));
    await pool.terminate();

    expect(await outcomes).toMatchObject([closed, closed, closed]);
    expect(pool.stats()).toMatchObject({ threads: 0, busy: 0, queued: 0 });
  });
});

describe('a call', () => {
  test('that is aborted while its thread starts leaves the thread to the next one', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const controller = new AbortController();
    const gone = where.with({ pool, signal: controller.signal })();
    controller.abort('changed my mind');

    await expect(gone).rejects.toBe('changed my mind');
    expect(await where.with({ pool })()).toBeGreaterThan(0);
    expect(pool.stats()).toMatchObject({ threads: 1, busy: 0, queued: 0 });
  });

  test('that is refused keeps its memory', async () => {
    const pool = new ThreadPool({ size: 1, maxQueue: 0 });
    const it = gate();
    const outcome = Promise.allSettled([spin.with({ pool })(it)]);
    await reaches(it, 1, 1);
    const bytes = new Uint8Array(8);
    const refused = echo.with({ pool, transfer: [bytes.buffer] })(bytes);

    await expect(refused).rejects.toMatchObject({ code: 'ERR_OFFLOOP_QUEUE_FULL' });
    expect(bytes.byteLength).toBe(8);
    await pool.terminate();
    await outcome;
  });
});
