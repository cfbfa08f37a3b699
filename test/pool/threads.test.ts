/** How many threads a pool has, and when they are started and ended. @module */

import { availableParallelism } from 'node:os';
import { ThreadPool } from 'offloop';
import { describe, expect, test, vi } from 'vitest';
import { add, block, echo } from '../fixtures/jobs/basics.mjs';
import { exits } from '../fixtures/jobs/failing.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { project } from '../support/project.ts';
import { run } from '../support/run.ts';

const wide = { timeout: 10_000, interval: 5 };

/** Lets `count` calls run at once, so that there are as many threads. */
async function occupy(pool: ThreadPool, count: number): Promise<void> {
  const gates = Array.from({ length: count }, gate);
  const calls = gates.map(async (it) => block.with({ pool })(it, 1));
  await Promise.all(gates.map(async (it) => reaches(it, 1, 1)));
  for (const it of gates) open(it);
  await Promise.all(calls);
}

describe('minThreads', () => {
  test('are started with the pool, and no more than those', async () => {
    await using pool = new ThreadPool({ size: 3, minThreads: 2 });

    await vi.waitFor(() => expect(pool.stats().threads).toBe(2), wide);
    expect(await Promise.all([1, 2].map(async (n) => add.with({ pool })(n)))).toEqual([2, 3]);
    expect(pool.stats().threads).toBe(2);
  });

  test('are started again when they die', async () => {
    await using pool = new ThreadPool({ size: 2, minThreads: 2 });
    await vi.waitFor(() => expect(pool.stats().threads).toBe(2), wide);
    await expect(exits.with({ pool })(3)).rejects.toMatchObject({ exitCode: 3 });

    await vi.waitFor(() => expect(pool.stats().threads).toBe(2), wide);
  });

  test('do not keep the process alive', async () => {
    const folder = project({
      'main.mjs': `import { ThreadPool } from 'offloop';
        globalThis.pool = new ThreadPool({ size: 2, minThreads: 2, idleTimeout: 60_000, maxAge: 60_000 });
        console.log('end');`,
    });

    expect(await run('main.mjs', { cwd: folder, deadline: 15_000 })).toMatchObject({ code: 0, lines: ['end'] });
  });

  test.each([{ size: 2, minThreads: 3 }, { minThreads: -1 }, { minThreads: 0.5 }, { minThreads: Infinity }])(
    'refuses %j',
    (options) => {
      expect(() => new ThreadPool(options)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }));
    },
  );
});

describe('maxThreads', () => {
  test('is another name of size', async () => {
    await using pool = new ThreadPool({ maxThreads: 3 });
    await using same = new ThreadPool({ maxThreads: 3, size: 3 });

    expect([pool.size, same.size]).toEqual([3, 3]);
    await using usual = new ThreadPool();
    expect(usual.size).toBe(availableParallelism());
  });

  test.each([{ size: 2, maxThreads: 3 }, { maxThreads: 0 }, { maxThreads: 2, minThreads: 3 }])(
    'refuses %j',
    (options) => {
      expect(() => new ThreadPool(options)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }));
    },
  );
});

describe('idleTimeout', () => {
  test('ends idle threads down to minThreads, and the next calls work', async () => {
    await using pool = new ThreadPool({ size: 3, minThreads: 1, idleTimeout: 50 });
    await occupy(pool, 3);

    await vi.waitFor(() => expect(pool.stats().threads).toBe(1), wide);
    await occupy(pool, 3);
    expect(await echo.with({ pool })(1)).toEqual([1]);
  });

  test('keeps threads that run calls', async () => {
    await using pool = new ThreadPool({ size: 2, idleTimeout: 20 });
    const it = gate();
    const running = block.with({ pool })(it, 'ran');
    await reaches(it, 1, 1);
    await using brief = new ThreadPool({ size: 1, idleTimeout: 60 });
    await echo.with({ pool: brief })(1);

    await vi.waitFor(() => expect(brief.stats().threads).toBe(0), wide);
    open(it);
    expect(await running).toBe('ran');
  });

  test('of Infinity, the default, keeps them', async () => {
    await using pool = new ThreadPool({ size: 2 });
    await using brief = new ThreadPool({ size: 2, idleTimeout: 20 });
    await occupy(pool, 2);
    await occupy(brief, 2);

    await vi.waitFor(() => expect(brief.stats().threads).toBe(0), wide);
    expect(pool.stats().threads).toBe(2);
  });

  test.each([{ idleTimeout: 0 }, { idleTimeout: -1 }, { idleTimeout: '1' }])('refuses %j', (options) => {
    expect(() => new ThreadPool(options as object)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }));
  });
});
