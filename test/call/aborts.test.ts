/** Calls that are given up, many of them, and what their threads do then. @module */

import { getEventListeners } from 'node:events';
import { ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import { add, block, echo, where } from '../fixtures/jobs/basics.mjs';
import { exits } from '../fixtures/jobs/failing.mjs';
import * as jobs from '../fixtures/jobs/probing.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { idle } from '../support/idle.ts';

describe('a signal of many calls', () => {
  test('is left without listeners however they ended', async () => {
    const pool = new ThreadPool({ size: 1, maxQueue: 3 });
    const { signal } = new AbortController();
    const options = { pool, signal };
    await Promise.allSettled([
      add.with(options)(1),
      echo.with(options)(Symbol('s')),
      exits.with(options)(3),
      jobs.ignores.with({ ...options, timeout: 5 })(gate()),
      add.with(options)(2),
    ]);
    const it = gate();
    const running = block.with(options)(it, 0);
    await reaches(it, 1, 1);
    const rest = [add.with({ ...options, queueTimeout: 5 })(1), ...[1, 2, 3].map(async (n) => add.with(options)(n))];
    await Promise.allSettled([rest[0], rest[3]]);
    const ended = Promise.allSettled([running, ...rest]);
    await pool.terminate();
    await ended;
    await expect(add.with(options)(1)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' });

    expect(getEventListeners(signal, 'abort')).toEqual([]);
  });

  test('ends those that wait and those that run, and leaves those that are done', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const [first, second] = [gate(), gate()];
    const controller = new AbortController();
    const options = { pool, signal: controller.signal };
    const done = await add.with(options)(1);
    const running = [block.with(options)(first, 1), block.with(options)(second, 2)];
    const waiting = Array.from({ length: 50 }, async (_, i) => add.with(options)(i));
    const outcomes = Promise.allSettled([...running, ...waiting]);
    await Promise.all([reaches(first, 1, 1), reaches(second, 1, 1)]);
    controller.abort('all of you');

    expect(done).toBe(2);
    expect(await outcomes).toEqual(Array.from({ length: 52 }, () => ({ status: 'rejected', reason: 'all of you' })));
    expect(await add.with({ pool })(2)).toBe(3);
    await idle(pool);
  });

  test('that is aborted after its call has settled changes nothing', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const controller = new AbortController();
    const thread = await where.with({ pool, signal: controller.signal })();
    controller.abort();

    expect(await where.with({ pool })()).toBe(thread);
  });
});

describe('many signals that are aborted at once', () => {
  test('end their calls, and no others', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const controllers = Array.from({ length: 400 }, () => new AbortController());
    const calls = controllers.map(async ({ signal }, i) => echo.with({ pool, signal })(i));
    const outcomes = Promise.allSettled(calls);
    for (const [i, controller] of controllers.entries()) if (i % 3 !== 0) controller.abort(i);

    for (const [i, outcome] of (await outcomes).entries()) {
      if (i % 3 === 0) expect(outcome).toEqual({ status: 'fulfilled', value: [i] });
      else expect(outcome).toEqual({ status: 'rejected', reason: i });
    }
  });

  test('one turn after the other leave the pool whole', async () => {
    await using pool = new ThreadPool({ size: 2, grace: 10 });
    await Promise.all(Array.from({ length: 100 }, async (_, i) => echo.with({ pool })(i)));
    for (let round = 0; round < 10; round += 1) {
      const controller = new AbortController();
      const { signal } = controller;
      const calls = Array.from({ length: 40 }, async (_, i) => echo.with(i % 2 ? { pool, signal } : { pool })(i));
      const outcomes = Promise.allSettled(calls);
      await calls[round];
      controller.abort('round over');

      for (const [i, outcome] of (await outcomes).entries()) {
        if (outcome.status === 'rejected') expect([i % 2, outcome.reason]).toEqual([1, 'round over']);
        else expect(outcome.value).toEqual([i]);
      }
    }
    await idle(pool);
  });
});

describe('a call that is given up and', () => {
  async function givenUp(
    job: (it: Int32Array) => Promise<unknown>,
    pool: ThreadPool,
    with_: (options: object) => (it: Int32Array) => Promise<unknown>,
  ): Promise<{ it: Int32Array; thread: number }> {
    const thread = await where.with({ pool })();
    const it = gate();
    const controller = new AbortController();
    const call = with_({ pool, signal: controller.signal })(it);
    await reaches(it, 1, 1);
    controller.abort(new Error(`enough of ${job.name}`));
    await expect(call).rejects.toThrow(`enough of ${job.name}`);
    return { it, thread };
  }

  test('looks at its signal ends by itself, and its thread lives on', async () => {
    await using pool = new ThreadPool({ size: 1, grace: 60_000 });
    const { it, thread } = await givenUp(jobs.heeds, pool, (options) => jobs.heeds.with(options));
    await reaches(it, 2, 1);

    expect(await where.with({ pool })()).toBe(thread);
  });

  test('is called by its signal ends by itself, and its late result is nobody else’s', async () => {
    await using pool = new ThreadPool({ size: 1, grace: 60_000 });
    const { thread } = await givenUp(jobs.winds, pool, (options) => jobs.winds.with(options));
    const next = [echo.with({ pool })('mine'), where.with({ pool })()];

    expect(await Promise.all(next)).toEqual([['mine'], thread]);
  });

  test('takes its time to end keeps its thread from the next one until it does', async () => {
    await using pool = new ThreadPool({ size: 1, grace: 60_000 });
    const { it, thread } = await givenUp(jobs.lingers, pool, (options) => jobs.lingers.with(options));
    await reaches(it, 2, 1);
    const next = where.with({ pool })();
    expect(pool.stats()).toMatchObject({ busy: 1, queued: 1 });
    open(it);

    expect(await next).toBe(thread);
  });

  test('does not care about its signal is ended after grace', async () => {
    await using pool = new ThreadPool({ size: 1, grace: 20 });
    const { thread } = await givenUp(jobs.ignores, pool, (options) => jobs.ignores.with(options));

    expect(await where.with({ pool })()).not.toBe(thread);
  });
});
