/** The function `init`, which every thread runs before its first call. @module */

import { ThreadPool } from 'offloop';
import { describe, expect, test, vi } from 'vitest';
import { block, echo } from '../fixtures/jobs/basics.mjs';
import { exits } from '../fixtures/jobs/failing.mjs';
import { asyncInit, init, state, teardown } from '../fixtures/jobs/prepared.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { note, tell } from '../support/note.ts';

const wide = { timeout: 10_000, interval: 5 };
const refused = { name: 'RangeError', message: 'no set-up today' };

describe('init', () => {
  test('runs once in each thread, before its first call', async () => {
    const it = note();
    await using pool = new ThreadPool({ size: 2, init });
    const gates = [gate(), gate()];
    const blocked = gates.map(async (it) => block.with({ pool })(it, 1));
    await Promise.all(gates.map(async (it) => reaches(it, 1, 1)));
    for (const it of gates) open(it);
    await Promise.all(blocked);
    const states = await Promise.all(Array.from({ length: 40 }, async () => state.with({ pool })()));

    expect(states.map(([prepared]) => prepared)).toEqual(states.map(() => 1));
    expect(it[1]).toBe(2);
  });

  test('runs in the threads that replace others, too', async () => {
    const it = note();
    await using pool = new ThreadPool({ size: 1, init });
    for (let round = 1; round <= 3; round += 1) {
      expect(await state.with({ pool })()).toEqual([1, 1, expect.any(Number)]);
      expect(it[1]).toBe(round);
      await expect(exits.with({ pool })(3)).rejects.toMatchObject({ exitCode: 3 });
    }
  });

  test('is awaited if it is async', async () => {
    note();
    await using pool = new ThreadPool({ size: 2, init: asyncInit });
    const states = await Promise.all(Array.from({ length: 10 }, async () => state.with({ pool })()));

    expect(states.map(([prepared]) => prepared)).toEqual(states.map(() => 1));
  });

  test('that is not wrapped is refused, as is such a teardown', () => {
    for (const options of [{ init: () => 1 }, { teardown: async () => 1 }, { init: 'x' }]) {
      expect(() => new ThreadPool(options as object)).toThrow(
        expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }),
      );
    }
  });

  test('counts neither as a completed call nor as a waiting one', async () => {
    note();
    await using pool = new ThreadPool({ size: 1, init, teardown });
    await state.with({ pool })();

    expect(pool.stats()).toMatchObject({ completed: 1, failed: 0, queued: 0 });
  });
});

describe('init that throws', () => {
  test('rejects the calls with what it threw, and the pool heals when it stops', async () => {
    const it = note('initThrows');
    await using pool = new ThreadPool({ size: 2, init });
    const calls = await Promise.allSettled([1, 2, 3].map(async (n) => echo.with({ pool })(n)));
    expect(calls).toMatchObject([1, 2, 3].map(() => ({ status: 'rejected', reason: refused })));
    await expect(echo.with({ pool })(1)).rejects.toMatchObject(refused);
    tell(it, 'nothing');

    expect(await state.with({ pool })()).toEqual([1, 1, expect.any(Number)]);
  });

  test('leaves no thread behind', async () => {
    note('initThrows');
    await using pool = new ThreadPool({ size: 2, init });
    await expect(echo.with({ pool })(1)).rejects.toMatchObject(refused);

    expect(pool.stats()).toMatchObject({ threads: 0, busy: 0, queued: 0 });
  });

  test('in a second thread leaves the calls to the first one', async () => {
    const it = note();
    await using pool = new ThreadPool({ size: 2, init });
    const [, , ready] = await state.with({ pool })();
    tell(it, 'initThrows');
    const states = await Promise.all(Array.from({ length: 20 }, async () => state.with({ pool })()));

    expect(new Set(states.map(([, , threadId]) => threadId))).toEqual(new Set([ready]));
  });

  test("is told of by 'error'", async () => {
    note('initThrows');
    await using pool = new ThreadPool({ size: 1, init });
    const heard = vi.fn<(error: unknown) => void>();
    pool.on('error', heard);
    await expect(echo.with({ pool })(1)).rejects.toMatchObject(refused);

    expect(heard).toHaveBeenCalledWith(expect.objectContaining(refused));
  });
});

describe('init that ends its thread', () => {
  test('rejects the calls with the exit code, and the pool heals when it stops', async () => {
    const it = note('initExits');
    await using pool = new ThreadPool({ size: 1, init });
    const ended = { code: 'ERR_OFFLOOP_WORKER_EXIT', exitCode: 9 };
    await expect(echo.with({ pool })(1)).rejects.toMatchObject(ended);
    tell(it, 'nothing');

    expect(await echo.with({ pool })(2)).toEqual([2]);
  });
});

describe('init that hangs', () => {
  test('is cut by terminate, and its calls reject', async () => {
    const it = note('initSpins');
    const pool = new ThreadPool({ size: 2, init });
    const outcomes = Promise.allSettled([1, 2, 3].map(async (n) => echo.with({ pool })(n)));
    await reaches(it, 1, 2);
    await pool.terminate();

    const closed = { status: 'rejected', reason: { code: 'ERR_OFFLOOP_CLOSED' } };
    expect(await outcomes).toMatchObject([closed, closed, closed]);
  });

  test('does not hold up calls that can wait no longer', async () => {
    const it = note('initWaits');
    await using pool = new ThreadPool({ size: 1, init });
    const impatient = echo.with({ pool, queueTimeout: 20 })(1);

    await expect(impatient).rejects.toMatchObject({ code: 'ERR_OFFLOOP_QUEUE_TIMEOUT' });
    open(it);
    await vi.waitFor(() => expect(pool.stats().threads).toBe(1), wide);
    expect(await echo.with({ pool })(2)).toEqual([2]);
  });
});
