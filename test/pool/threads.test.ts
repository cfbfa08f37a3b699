/** How many threads a pool has, when they are started and ended, and what they are started with. @module */

import { availableParallelism } from 'node:os';
import { SHARE_ENV } from 'node:worker_threads';
import { ThreadPool } from 'offloop';
import { describe, expect, test, vi } from 'vitest';
import { add, block, echo, where } from '../fixtures/jobs/basics.mjs';
import { exits } from '../fixtures/jobs/failing.mjs';
import { init, state } from '../fixtures/jobs/prepared.mjs';
import { surroundings } from '../fixtures/jobs/staff.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { note, tell } from '../support/note.ts';
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

describe('a burst of calls', () => {
  test.each([1, 2, 3, 8, 64])('in a pool of %i gives each its result', async (size) => {
    await using pool = new ThreadPool({ size });
    const results = await Promise.all(Array.from({ length: 200 }, async (_, i) => add.with({ pool })(i, i)));

    expect(results).toEqual(Array.from({ length: 200 }, (_, i) => 2 * i));
    expect(pool.stats().threads).toBeLessThanOrEqual(size);
  });

  test('starts threads in parallel', async () => {
    // Each `init` waits until another one has begun.
    note('initMeets');
    await using pool = new ThreadPool({ size: 2, init });

    await Promise.all([state.with({ pool })(), state.with({ pool })()]);
  });

  test('goes to the threads that are ready, and waits for none that is not', async () => {
    const it = note();
    await using pool = new ThreadPool({ size: 2, init });
    const [, , ready] = await state.with({ pool })();
    tell(it, 'initWaits');
    const results = await Promise.all(Array.from({ length: 20 }, async () => where.with({ pool })()));

    expect(new Set(results)).toEqual(new Set([ready]));
    open(it);
  });
});

describe('a thread', () => {
  test('is started with resourceLimits and execArgv', async () => {
    const resourceLimits = { maxOldGenerationSizeMb: 64, stackSizeMb: 2 };
    await using pool = new ThreadPool({ size: 1, resourceLimits, execArgv: ['--no-warnings', '--no-deprecation'] });
    const found = await surroundings.with({ pool })('none');

    expect(found.resourceLimits).toMatchObject(resourceLimits);
    expect(found.execArgv).toEqual(['--no-warnings', '--no-deprecation']);
  });

  test('is started with env, alone or shared', async () => {
    const env = { COLOUR: 'green' };
    await using green = new ThreadPool({ size: 1, env });
    await using shared = new ThreadPool({ size: 1, env: SHARE_ENV });
    await surroundings.with({ pool: shared })('COLOUR');
    process.env['COLOUR'] = 'red';

    expect(await surroundings.with({ pool: green })('COLOUR')).toMatchObject({ variable: 'green' });
    expect(await surroundings.with({ pool: shared })('COLOUR')).toMatchObject({ variable: 'red' });
    delete process.env['COLOUR'];
  });
});
