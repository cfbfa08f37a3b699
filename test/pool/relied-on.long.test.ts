/** Properties that users expect of every pool of threads. @module */

import { AsyncLocalStorage } from 'node:async_hooks';
import { ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import { add, block, later, log, where } from '../fixtures/jobs/basics.mjs';
import { fails } from '../fixtures/jobs/failing.mjs';
import * as jobs from '../fixtures/jobs/probing.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { fixture, run } from '../support/run.ts';

describe('a long line of calls', () => {
  test('keeps its order when those at its ends and in its middle are given up', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const [it, order] = [gate(), gate()];
    const running = block.with({ pool })(it, 0);
    await reaches(it, 1, 1);
    const controllers = Array.from({ length: 2048 }, () => new AbortController());
    const calls = controllers.map(async ({ signal }, i) => log.with({ pool, signal })(order, i));
    const outcomes = Promise.allSettled(calls);
    const isGone = (i: number): boolean => i < 3 || i === 1024 || i % 7 === 0 || i > 2045;
    for (const [i, controller] of controllers.entries()) if (isGone(i)) controller.abort('gone');
    const left = controllers.flatMap((_, i) => (isGone(i) ? [] : [i]));
    expect(pool.stats().queued).toBe(left.length);

    open(it);
    await running;
    const kept = (await outcomes).flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(kept).toEqual(left.map((i, at) => [i, at]));
  });
});

describe('results', () => {
  test('of several threads that ended while the main thread was blocked all arrive', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const it = gate();
    const calls = ['a', 'b'].map(async (name) => jobs.passesBy.with({ pool })(it, name));
    await reaches(it, 1, 2);
    open(it);
    // This thread waits as well, until both are at their end.
    for (let ended = 0; ended < 2; ended = Atomics.load(it, 2)) Atomics.wait(it, 2, ended);

    const answers = await Promise.all(calls);
    expect(answers.map(([name]) => name)).toEqual(['a', 'b']);
    expect(answers[0]?.[1]).not.toBe(answers[1]?.[1]);
  });

  test('are there when the block is left that uses the pool', async () => {
    const settled: number[] = [];
    {
      await using pool = new ThreadPool({ size: 2 });
      for (let i = 0; i < 5; i += 1)
        void later
          .with({ pool })(i)
          .then(([n]) => settled.push(n));
    }

    expect(settled.toSorted((a, b) => a - b)).toEqual([0, 1, 2, 3, 4]);
  });
});

describe('the context of the caller', () => {
  test('is that of its callbacks and of what comes after the call', async () => {
    const context = new AsyncLocalStorage<string>();
    await using pool = new ThreadPool({ size: 1 });
    const calls = Array.from('abc', async (name) =>
      context.run(name, async () => {
        const heard = await jobs.asks.with({ pool })(() => context.getStore());
        return [heard, context.getStore()];
      }),
    );

    expect(await Promise.all(calls)).toEqual(Array.from('abc', (name) => [name, name]));
  });
});

describe('a thread', () => {
  test('has the arguments of the program', async () => {
    expect(await jobs.argumentsOf()).toEqual(process.argv.slice(2));
  });

  test('works on after a call has broken its globals', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const thread = await where.with({ pool })();
    await expect(fails.with({ pool })('exported')).rejects.toMatchObject({ code: 'E_EXPORTED' });
    expect(await jobs.breaksGlobals.with({ pool })()).toEqual(['object', 'object', 'function']);

    expect(await where.with({ pool })()).toBe(thread);
    expect(await later.with({ pool })(1)).toEqual([1, thread]);
    await expect(fails.with({ pool })('exported')).rejects.toMatchObject({ code: 'E_EXPORTED' });
    expect(await jobs.asks.with({ pool })(() => 'answer')).toBe('answer');
    expect(await Promise.all([1, 2, 3].map(async (n) => add.with({ pool })(n)))).toEqual([2, 3, 4]);
  });
});

describe('options', () => {
  test.each(['constructor', 'toString', '__proto__', 'hasOwnProperty'])('of the name %s are refused', (name) => {
    const options = JSON.parse(`{ "${name}": 1 }`) as object;

    expect(() => new ThreadPool(options)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }));
    expect(() => add.with(options)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }));
  });
});

describe('the counts of a pool', () => {
  test('tell what returned and what did not, and for how long', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const calls = Array.from({ length: 10 }, async (_, i) => (i < 3 ? fails.with({ pool })(i) : add.with({ pool })(i)));
    await Promise.allSettled([...calls, add.with({ pool, signal: AbortSignal.abort() })(1)]);
    const { completed, failed, waitTime, runTime, utilization } = pool.stats();

    expect({ completed, failed }).toEqual({ completed: 7, failed: 3 });
    for (const { mean, p50, p90, p99, max } of [waitTime, runTime]) {
      expect([p50, p90, p99, max]).toEqual([p50, p90, p99, max].toSorted((a, b) => a - b));
      expect(mean).toBeGreaterThan(0);
      expect(mean).toBeLessThanOrEqual(max);
    }
    expect(utilization).toBeGreaterThan(0);
    expect(utilization).toBeLessThanOrEqual(1);
  });
});

describe('what was part of a call', () => {
  test('can be forgotten once it has settled', async () => {
    const { lines } = await run(fixture('exits/collected.mjs'), { nodeArgs: ['--expose-gc'], deadline: 20_000 });

    expect(lines).toHaveLength(10);
    expect(lines.filter((line) => !line.endsWith('is gone'))).toEqual([]);
  });
});
