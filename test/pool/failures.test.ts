/** Typical failures in threads: the call concerned rejects, and everything else goes on. @module */

import { setTimeout } from 'node:timers/promises';
import { ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import { add, block, echo, spin, where } from '../fixtures/jobs/basics.mjs';
import * as jobs from '../fixtures/jobs/probing.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { fixture, run } from '../support/run.ts';

type Outcome = PromiseSettledResult<unknown>;

/** `calls` calls of `fn` and as many ordinary ones between them, all in the same pool. */
async function mixed(fn: () => Promise<unknown>, calls: number): Promise<{ bad: Outcome[]; good: Outcome[] }> {
  const all = Array.from({ length: calls }, async (_, i) => Promise.allSettled([fn(), add(i)]));
  const outcomes = await Promise.all(all);
  return { bad: outcomes.map(([bad]) => bad), good: outcomes.map(([, good]) => good) };
}

describe('a module that', () => {
  test('throws when it is loaded does so for every call, while the others go on', async () => {
    for (let round = 0; round < 3; round += 1) {
      const { bad, good } = await mixed(async () => jobs.throwing.any(), 4);

      for (const outcome of bad) {
        expect(outcome).toMatchObject({ reason: { name: 'RangeError', message: 'out of order' } });
      }
      expect(good).toMatchObject([1, 2, 3, 4].map((value) => ({ value })));
    }
  });

  test('exits when it is loaded rejects the calls that wait for it, and no others', async () => {
    const { bad, good } = await mixed(async () => jobs.exiting.any(), 4);

    for (const outcome of bad)
      expect(outcome).toMatchObject({ reason: { code: 'ERR_OFFLOOP_WORKER_EXIT', exitCode: 9 } });
    expect(good).toMatchObject([1, 2, 3, 4].map((value) => ({ value })));
  });

  test('leaves an unhandled rejection when it is loaded rejects the call with it', async () => {
    const cause = expect.objectContaining({ message: 'nobody handles this' }) as Error;

    await expect(jobs.rejecting.fine()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT', cause });
    expect(await add(1)).toBe(2);
  });

  test('never ends loading does not keep its thread once the call has run out of time', async () => {
    await expect(jobs.endless.any()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_TIMEOUT' });
    expect(await add.with({ pool: jobs.slowPool })(1)).toBe(2);
    await jobs.slowPool.close();
  });
});

describe('what cannot cross', () => {
  test('is never thrown at the caller, and leaves no thread busy', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const calls = Array.from({ length: 20 }, async (_, i) => echo.with({ pool })(i % 2 ? Symbol('s') : i));
    const outcomes = await Promise.allSettled(calls);

    expect(outcomes.map(({ status }) => status)).toEqual(outcomes.map((_, i) => (i % 2 ? 'rejected' : 'fulfilled')));
    expect(pool.stats()).toMatchObject({ threads: 1, busy: 0, queued: 0 });
  });
});

describe('an idle thread that crashes', () => {
  test('ends nothing else where nobody listens', async () => {
    const { code, lines, stderr } = await run(fixture('exits/idle-crash.mjs'), { deadline: 20_000 });

    expect({ code, lines, stderr }).toEqual({ code: 0, lines: ['done', '2', 'done', '2'], stderr: '' });
  });

  test('is told of to those who listen, and the result stands', async () => {
    const { code, lines } = await run(fixture('exits/idle-crash-heard.mjs'), { deadline: 20_000 });
    const told = 'ERR_OFFLOOP_WORKER_EXIT';

    expect(lines).toEqual(['done', `${told} 1 while nobody called`, 'done', `${told} 7 undefined`, '2']);
    expect(code).toBe(0);
  });
});

describe('a call that spins', () => {
  test('rejects at once when it is aborted, and the call behind it runs soon', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const it = gate();
    const controller = new AbortController();
    const { signal } = controller;
    const spinning = spin.with({ pool, signal })(it);
    await reaches(it, 1, 1);
    const next = where.with({ pool })();
    const begin = performance.now();
    controller.abort(new Error('enough'));

    await expect(spinning).rejects.toThrow('enough');
    const rejected = performance.now() - begin;
    expect(await next).not.toBe(it[1]);
    expect(rejected).toBeLessThan(500);
    expect(performance.now() - begin).toBeLessThan(5000);
  });

  test('does not disturb those of other threads when it is aborted', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const [it, other] = [gate(), gate()];
    const controller = new AbortController();
    const spinning = spin.with({ pool, signal: controller.signal })(it);
    const blocked = block.with({ pool })(other, 'undisturbed');
    await Promise.all([reaches(it, 1, 1), reaches(other, 1, 1)]);
    controller.abort('enough');

    await expect(spinning).rejects.toBe('enough');
    open(other);
    expect(await blocked).toBe('undisturbed');
  });
});

describe('the main thread', () => {
  test('goes on while a call blocks its thread', async () => {
    const it = gate();
    let isOver = false;
    const blocked = block(it, 'done').finally(() => (isOver = true));
    await reaches(it, 1, 1);
    let ticks = 0;
    while (ticks < 20) {
      await setTimeout(1);
      ticks += 1;
    }

    expect(isOver).toBe(false);
    open(it);
    expect(await blocked).toBe('done');
  });
});
