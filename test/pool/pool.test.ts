/** A pool: its size, its bounds, and its end. @module */

import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { setDefaultPool, ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import { add, block, echo, spin, where } from '../fixtures/jobs/basics.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { project } from '../support/project.ts';

const coded = (code: string): Error => expect.objectContaining({ code }) as Error;

describe('a pool', () => {
  test.each([{ size: 0 }, { size: 1.5 }, { maxQueue: -1 }, { grace: 'x' }, { name: 1 }, { sise: 2 }])(
    'refuses %j',
    (options) => {
      expect(() => new ThreadPool(options as object)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
    },
  );

  test('starts no thread before a call, and no more than its size', async () => {
    await using pool = new ThreadPool({ size: 3 });
    expect(pool.stats()).toMatchObject({ threads: 0, busy: 0, queued: 0 });

    const gates = [gate(), gate(), gate()];
    const blocked = gates.map(async (it) => block.with({ pool })(it, 1));
    const waiting = Array.from({ length: 5 }, async (_, i) => echo.with({ pool })(i));
    await Promise.all(gates.map(async (it) => reaches(it, 1, 1)));
    expect(pool.stats()).toMatchObject({ threads: 3, busy: 3, queued: 5 });

    for (const it of gates) open(it);
    await Promise.all([...blocked, ...waiting]);
    expect(pool.stats()).toMatchObject({ threads: 3, busy: 0, queued: 0 });
  });

  test('uses its threads at once for a burst of calls', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const gates = [gate(), gate()];
    const blocked = gates.map(async (it) => block.with({ pool })(it, 1));

    await Promise.all(gates.map(async (it) => reaches(it, 1, 1)));
    expect(gates[0]?.[1]).not.toBe(gates[1]?.[1]);
    for (const it of gates) open(it);
    await Promise.all(blocked);
  });

  test('refuses calls beyond maxQueue', async () => {
    await using pool = new ThreadPool({ size: 1, maxQueue: 2 });
    const it = gate();
    const blocked = block.with({ pool })(it, 1);
    await reaches(it, 1, 1);
    const waiting = [echo.with({ pool })(1), echo.with({ pool })(2)];

    await expect(echo.with({ pool })(3)).rejects.toThrow(coded('ERR_OFFLOOP_QUEUE_FULL'));
    open(it);
    expect([await blocked, ...(await Promise.all(waiting))]).toEqual([1, [1], [2]]);
  });

  test('with a maxQueue of 0 takes as many calls as it has threads', async () => {
    await using pool = new ThreadPool({ size: 2, maxQueue: 0 });
    const outcomes = await Promise.allSettled([1, 2, 3].map(async (n) => echo.with({ pool })(n)));

    expect(outcomes.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'rejected']);
  });

  test('may be made the default one', async () => {
    const before = ThreadPool.default;
    await using pool = new ThreadPool({ size: 1 });
    setDefaultPool(pool);
    const thread = await where();
    setDefaultPool(before);

    expect(await where.with({ pool })()).toBe(thread);
    expect(() => setDefaultPool({} as ThreadPool)).toThrow(coded('ERR_OFFLOOP_ARGUMENT'));
  });

  test('gives its threads an environment', async () => {
    await using pool = new ThreadPool({ size: 1, env: { OFFLOOP_INLINE: '0', COLOUR: 'green' }, name: 'green' });

    expect(await echo.with({ pool })(1)).toEqual([1]);
    expect(pool.name).toBe('green');
  });
});

describe('close', () => {
  test('lets running and waiting calls finish, and refuses new ones', async () => {
    const pool = new ThreadPool({ size: 1 });
    const it = gate();
    const running = block.with({ pool })(it, 'ran');
    await reaches(it, 1, 1);
    const waiting = echo.with({ pool })('waited');
    const closed = pool.close();

    await expect(echo.with({ pool })(1)).rejects.toThrow(coded('ERR_OFFLOOP_CLOSED'));
    open(it);
    expect([await running, await waiting]).toEqual(['ran', ['waited']]);
    await closed;
    expect(pool.stats().threads).toBe(0);
  });

  test('rejects what is left when its time is over', async () => {
    const pool = new ThreadPool({ size: 1 });
    const calls = [spin.with({ pool })(), echo.with({ pool })(1)];
    const outcomes = Promise.allSettled(calls);
    await pool.close({ timeout: 20 });

    for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: { code: 'ERR_OFFLOOP_CLOSED' } });
  });

  test('of a pool that did nothing is done at once, and again', async () => {
    const pool = new ThreadPool();
    await pool.close();
    await pool.close();
    await pool.terminate();
  });
});

describe('terminate', () => {
  test('rejects what runs and what waits', async () => {
    const pool = new ThreadPool({ size: 1 });
    const it = gate();
    const outcomes = Promise.allSettled([spin.with({ pool })(it), echo.with({ pool })(1)]);
    await reaches(it, 1, 1);
    await pool.terminate();

    for (const outcome of await outcomes) expect(outcome).toMatchObject({ reason: { code: 'ERR_OFFLOOP_CLOSED' } });
    expect(pool.stats().threads).toBe(0);
  });
});

describe('its threads', () => {
  test('are those of Piscina, live', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const threadId = await where.with({ pool, key: 1 })();
    const [worker] = pool.workers;

    expect(pool.workers.map((thread) => thread.threadId)).toEqual([threadId]);
    await worker?.terminate();
    expect(pool.workers).toEqual([]);
    expect(await where.with({ pool, key: 1 })()).not.toBe(threadId);
  });
});

describe('a thread that cannot start', () => {
  test('rejects the calls with why, and the pool works once it can', async () => {
    const folder = project({ 'preload.mjs': 'throw new Error("bad preload");' });
    const preload = join(folder, 'preload.mjs');
    await using pool = new ThreadPool({ size: 2, execArgv: ['--import', pathToFileURL(preload).href] });

    const outcomes = await Promise.allSettled([1, 2, 3].map(async (n) => add.with({ pool })(n)));
    for (const outcome of outcomes) {
      expect(outcome).toMatchObject({ reason: { code: 'ERR_OFFLOOP_BOOT', cause: { message: 'bad preload' } } });
    }
    writeFileSync(preload, '');
    expect(await add.with({ pool })(1)).toBe(2);
  });

  test('because of its flags rejects every call, and the pool still closes', async () => {
    await using pool = new ThreadPool({ size: 1, execArgv: ['--no-such-flag'] });

    await expect(add.with({ pool })(1)).rejects.toThrow(coded('ERR_OFFLOOP_BOOT'));
    await expect(add.with({ pool })(1)).rejects.toThrow(coded('ERR_OFFLOOP_BOOT'));
  });
});

test('a turn that makes many short calls takes their results in, and loses none', async () => {
  await using pool = new ThreadPool({ size: 2 });
  const call = add.with({ pool });
  let isTaken = false;
  // How short a call is known to be depends on what else the machine does.
  for (let turn = 0; turn < 50 && !isTaken; turn += 1) {
    for (let i = 0; i < 100; i += 1) await call(i);
    const before = pool.stats().completed;
    const calls = Array.from({ length: 20_000 }, async (_, i) => call(i));
    isTaken = pool.stats().completed > before;
    expect(await Promise.all(calls)).toEqual(calls.map((_, i) => i + 1));
  }
  expect(isTaken).toBe(true);
});
