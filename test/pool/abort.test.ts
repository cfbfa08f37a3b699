/** A running call is given up: the effects on the call, its thread and other calls. @module */

import { ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import { add, echo, spin, where } from '../fixtures/jobs/basics.mjs';
import { passes, share } from '../fixtures/jobs/lined.mjs';
import { asks, ignores, spins } from '../fixtures/jobs/signalled.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { idle } from '../support/idle.ts';
import { later } from '../support/later.ts';

describe('a running call that is aborted', () => {
  test('and can know ends by itself, and its thread goes on', async () => {
    await using pool = new ThreadPool({ size: 1, grace: 60_000 });
    const before = await where.with({ pool })();
    const it = gate();
    const controller = new AbortController();
    const call = spins.with({ pool, signal: controller.signal })(it, 'enough');
    await reaches(it, 1, 1);
    controller.abort('enough');

    await expect(call).rejects.toBe('enough');
    expect(await where.with({ pool })()).toBe(before);
    expect(it[2]).toBe(1);
  });

  test('and can know, but does not end within grace, is ended with its thread', async () => {
    await using pool = new ThreadPool({ size: 1, grace: 30 });
    const it = gate();
    const controller = new AbortController();
    const call = ignores.with({ pool, signal: controller.signal })(it);
    await reaches(it, 1, 1);
    controller.abort('enough');

    await expect(call).rejects.toBe('enough');
    expect(await where.with({ pool })()).not.toBe(it[1]);
  });

  test('and can know, with a grace of 0 has no time at all', async () => {
    await using pool = new ThreadPool({ size: 1, grace: 0 });
    const it = gate();
    const controller = new AbortController();
    const call = ignores.with({ pool, signal: controller.signal })(it);
    await reaches(it, 1, 1);
    controller.abort('enough');

    await expect(call).rejects.toBe('enough');
    expect(await where.with({ pool })()).not.toBe(it[1]);
  });

  test('and cannot know is ended at once with its thread', async () => {
    // The grace is so long that waiting for it would be noticed.
    await using pool = new ThreadPool({ size: 1, grace: 600_000 });
    const it = gate();
    const controller = new AbortController();
    const call = spin.with({ pool, signal: controller.signal })(it);
    await reaches(it, 1, 1);
    controller.abort('enough');

    await expect(call).rejects.toBe('enough');
    expect(await where.with({ pool })()).not.toBe(it[1]);
  });

  test('leaves a pool whose next call runs within a second, where another thread is ready', async () => {
    await using pool = new ThreadPool({ size: 2, minThreads: 2 });
    await pool.runOnAll(where);
    const it = gate();
    const controller = new AbortController();
    const call = spin.with({ pool, signal: controller.signal })(it);
    await reaches(it, 1, 1);
    const start = performance.now();
    controller.abort('enough');

    await expect(call).rejects.toBe('enough');
    await add.with({ pool })(1);
    expect(performance.now() - start).toBeLessThan(1000);
  });

  test('has what it awaits of a callback rejected with the reason, and its thread goes on', async () => {
    await using pool = new ThreadPool({ size: 1, grace: 60_000 });
    const it = gate();
    const controller = new AbortController();
    const begun = later();
    const call = asks.with({ pool, signal: controller.signal })(it, () => {
      begun.resolve();
      return new Promise(() => undefined);
    });
    await begun.promise;
    controller.abort('enough');

    await expect(call).rejects.toBe('enough');
    await reaches(it, 3, 1);
    expect([it[2], await where.with({ pool })()]).toEqual([1, it[1]]);
  });
});

describe('calls beside one that is aborted', () => {
  test('are run, though they were sent to its thread behind it', async () => {
    await using pool = new ThreadPool({ size: 1 });
    await share.with({ pool })(gate());
    for (let round = 0; round < 50; round += 1) {
      await Promise.all(Array.from({ length: 4 }, async (_, i) => passes.with({ pool })(i)));
    }
    const it = gate();
    const after = gate();
    await share.with({ pool })(it);
    const controller = new AbortController();
    const gone = passes.with({ pool, signal: controller.signal })('gone', true);
    const behind = Array.from({ length: 20 }, async (_, i) => echo.with({ pool })(i));
    await reaches(it, 1, 1);
    controller.abort('enough');

    await expect(gone).rejects.toBe('enough');
    expect(await Promise.all(behind)).toEqual(behind.map((_, i) => [i]));
    open(after);
  });

  test('are run in their order, if they wait in line', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const it = gate();
    const controller = new AbortController();
    const gone = spin.with({ pool, signal: controller.signal })(it);
    await reaches(it, 1, 1);
    const threads: Promise<number>[] = [];
    const order: number[] = [];
    for (let i = 0; i < 10; i += 1) {
      const call = where.with({ pool })();
      threads.push(call);
      void call.then(() => order.push(i));
    }
    controller.abort('enough');

    await expect(gone).rejects.toBe('enough');
    expect(new Set(await Promise.all(threads)).size).toBe(1);
    expect(order).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe('many calls that are aborted at once', () => {
  test.each(['one signal', 'signals of their own'])('by %s all reject, and the pool works', async (kind) => {
    await using pool = new ThreadPool({ size: 2, grace: 50 });
    const common = new AbortController();
    const controllers = Array.from({ length: 100 }, () => (kind === 'one signal' ? common : new AbortController()));
    const it = gate();
    const calls = controllers.map(async ({ signal }, i) =>
      i % 2 ? spin.with({ pool, signal })(it) : echo.with({ pool, signal, priority: -1 })(i),
    );
    const outcomes = Promise.allSettled(calls);
    await reaches(it, 1, 1);
    for (const [i, controller] of controllers.entries()) controller.abort(kind === 'one signal' ? 'all' : i);

    const expected = controllers.map((_, i) => ({ status: 'rejected', reason: kind === 'one signal' ? 'all' : i }));
    expect(await outcomes).toEqual(expected);
    expect(await Promise.all([add.with({ pool })(1), add.with({ pool })(2)])).toEqual([2, 3]);
    await idle(pool);
    expect(pool.stats()).toMatchObject({ failed: 100 });
  });
});
