/** The method `runOnAll`, which makes one call in each thread. @module */

import { ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import { block, echo, log, where } from '../fixtures/jobs/basics.mjs';
import { fails } from '../fixtures/jobs/failing.mjs';
import { init, state } from '../fixtures/jobs/prepared.mjs';
import { failsOnce } from '../fixtures/jobs/staff.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { note } from '../support/note.ts';

describe('runOnAll', () => {
  test('calls the function once in each thread, and starts those that are not there yet', async () => {
    await using pool = new ThreadPool({ size: 3 });
    const first = await where.with({ pool })();
    const threads = await pool.runOnAll(where);

    expect(new Set(threads).size).toBe(3);
    expect(threads).toContain(first);
    expect(pool.stats()).toMatchObject({ threads: 3, busy: 0, queued: 0 });
  });

  test('gives the results, and passes the arguments on', async () => {
    await using pool = new ThreadPool({ size: 2 });

    expect(await pool.runOnAll(echo, 'a', { b: 1 })).toEqual([
      ['a', { b: 1 }],
      ['a', { b: 1 }],
    ]);
  });

  test('runs after the calls that a thread runs', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const gates = [gate(), gate()];
    const blocked = gates.map(async (it) => block.with({ pool })(it, 1));
    await Promise.all(gates.map(async (it) => reaches(it, 1, 1)));
    let isDone = false;
    const all = pool.runOnAll(where).finally(() => (isDone = true));
    open(gates[0] as Int32Array);
    await blocked[0];
    await echo.with({ pool })(1);
    expect(isDone).toBe(false);

    open(gates[1] as Int32Array);
    expect(new Set(await all)).toEqual(new Set(gates.map((it) => it[1])));
    await blocked[1];
  });

  test('runs before calls that are made later', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const counter = gate();
    const it = gate();
    const blocked = block.with({ pool })(it, 1);
    await reaches(it, 1, 1);
    const all = pool.runOnAll(log, counter, 'all');
    const later = log.with({ pool })(counter, 'later');
    open(it);

    expect(await Promise.all([all, later])).toEqual([[['all', 0]], ['later', 1]]);
    await blocked;
  });

  test('runs after init', async () => {
    note();
    await using pool = new ThreadPool({ size: 2, init });
    const states = await pool.runOnAll(state);

    expect(states).toEqual(states.map(([, , threadId]) => [1, 1, threadId]));
  });

  test('rejects as the first call that rejects, after all have settled', async () => {
    await using pool = new ThreadPool({ size: 3 });
    const it = gate();
    const all = pool.runOnAll(failsOnce, it);
    let isDone = false;
    all.catch(() => (isDone = true));
    await reaches(it, 1, 3);
    // One of the calls has thrown, and the others wait.
    await reaches(it, 2, 1);
    await where.with({ pool })();
    expect(isDone).toBe(false);

    open(it);
    await expect(all).rejects.toMatchObject({ message: 'one of them' });
    expect(pool.stats()).toMatchObject({ busy: 0, queued: 0 });
  });

  test('rejects as the first thread in order, if several do', async () => {
    await using pool = new ThreadPool({ size: 2 });

    await expect(pool.runOnAll(fails, 'exported')).rejects.toMatchObject({ code: 'E_EXPORTED' });
    expect(await echo.with({ pool })(1)).toEqual([1]);
  });

  test.each([undefined, 'x', () => 1, where.syncCall])('refuses %s, which is not wrapped', async (fn) => {
    await using pool = new ThreadPool({ size: 1 });

    await expect(pool.runOnAll(fn as never)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_ARGUMENT' });
    expect(pool.stats().threads).toBe(0);
  });

  test('is refused by a pool that is closed', async () => {
    const pool = new ThreadPool({ size: 2 });
    await pool.close();

    await expect(pool.runOnAll(where)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' });
  });
});
