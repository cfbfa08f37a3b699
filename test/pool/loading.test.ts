/** Calls do not wait for a thread that loads their module while another one has it. @module */

import { configure, ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import { block, separate, where } from '../fixtures/jobs/basics.mjs';
import {
  apart,
  apartAsked,
  echoes,
  held,
  items,
  loaded,
  ordered,
  sets,
  size,
  timesSet,
} from '../fixtures/jobs/loading.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { note, tell } from '../support/note.ts';

/** A pool of two: one thread has the module and is held, the other one waits in the midst of loading it for `call`. */
async function halfLoaded<T>(
  pool: ThreadPool,
  call: () => Promise<T>,
  does: 'loadWaits' | 'loadAsks' = 'loadWaits',
): Promise<{ first: number; waiting: Promise<T>; free(): Promise<unknown>; goOn(): void }> {
  const it = note();
  const [, first] = await loaded.with({ pool })();
  const entered = gate();
  const holding = held.with({ pool })(entered);
  await reaches(entered, 1, 1);
  tell(it, does);
  const waiting = call();
  await reaches(it, 1, 2);
  return {
    first,
    waiting,
    async free() {
      open(entered);
      await holding;
    },
    goOn: () => open(it),
  };
}

const bytes = (): Uint8Array => new Uint8Array(100_000);

describe('a call that was sent to a thread which loads its module', { timeout: 20_000 }, () => {
  test('goes to the one that has it as soon as that is free', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const { first, waiting, free, goOn } = await halfLoaded(pool, async () => loaded.with({ pool })('value'));
    await free();

    expect(await waiting).toEqual(['value', first, 0]);
    expect(pool.stats()).toMatchObject({ threads: 2, busy: 0, queued: 0 });
    goOn();
  });

  test.each<[string, (pool: ThreadPool) => Promise<[number, number]>]>([
    ['large', async (pool) => size.with({ pool })(bytes())],
    ['large and shared', async (pool) => size.with({ pool })(new Uint8Array(new SharedArrayBuffer(100_000)))],
    [
      'moved',
      async (pool) => {
        const moved = bytes();
        const call = size.with({ pool, transfer: [moved.buffer as ArrayBuffer] })(moved);
        expect(moved.byteLength).toBe(0);
        return call;
      },
    ],
  ])('does so if its arguments are %s', async (_, call) => {
    await using pool = new ThreadPool({ size: 2 });
    const { first, waiting, free, goOn } = await halfLoaded(pool, async () => call(pool));
    await free();

    expect(await waiting).toEqual([100_000, first]);
    goOn();
  });

  test('does so if it is that of an iterator', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const iterator = items.with({ pool })();
    const { first, waiting, free, goOn } = await halfLoaded(pool, async () => iterator.next());
    await free();

    expect(await waiting).toEqual({ value: first, done: false });
    await iterator.close();
    goOn();
  });

  test('does so with all values that the generator was given before', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const iterator = echoes.with({ pool })();
    const { first, waiting, free, goOn } = await halfLoaded(pool, async () =>
      Promise.all(['lost', 'one', 'two'].map(async (value) => iterator.next(value))),
    );
    await free();

    expect((await waiting).map(({ value }) => value)).toEqual([first, 'one', 'two']);
    await iterator.close();
    goOn();
  });

  test('starts before those that were made after it, and after those of a higher priority', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const places = gate();
    const place = async (priority: number): Promise<number> => ordered.with({ pool, priority })(places);
    const { waiting, free, goOn } = await halfLoaded(pool, async () => place(0));
    const later = [place(0), place(0), place(1)];
    await free();

    expect(await Promise.all([waiting, ...later])).toEqual([1, 2, 3, 0]);
    goOn();
  });

  test('stays there if its key says so', async () => {
    await using pool = new ThreadPool({ size: 2 });
    // The first thread stands at the first place; one of these keys is that of the other one.
    const keys = Array.from({ length: 20 }, (_, key) => key);
    const { first, waiting, free, goOn } = await halfLoaded(pool, async () =>
      Promise.all(keys.map(async (key) => loaded.with({ pool, key })(key))),
    );
    await free();
    goOn();
    const threads = new Map((await waiting).map(([key, thread]) => [key, thread]));

    expect(new Set(threads.values()).size).toBe(2);
    for (const key of keys) {
      const [, thread] = await loaded.with({ pool, key })(key);
      expect(thread).toBe(threads.get(key));
    }
    expect([...threads.values()]).toContain(first);
  });

  test('is rejected at once when it is given up, and leaves a pool that works', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const controller = new AbortController();
    const { waiting, free, goOn } = await halfLoaded(pool, async () =>
      loaded.with({ pool, signal: controller.signal })(),
    );
    controller.abort(new Error('no more'));

    await expect(waiting).rejects.toThrow('no more');
    await free();
    goOn();
    expect(await Promise.all([1, 2, 3].map(async (n) => loaded.with({ pool })(n)))).toHaveLength(3);
  });
});

describe('a thread whose call was given to another one while it loaded', { timeout: 20_000 }, () => {
  test('takes calls when it is done', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const { first, waiting, free, goOn } = await halfLoaded(pool, async () => loaded.with({ pool })());
    await free();
    await waiting;
    const entered = gate();
    const holding = held.with({ pool })(entered);
    await reaches(entered, 1, 1);
    const next = loaded.with({ pool })();
    goOn();

    const [, second] = await next;
    expect(second).not.toBe(first);
    expect(pool.stats().threads).toBe(2);
    open(entered);
    await holding;
  });

  test('does not keep the pool from closing', async () => {
    const pool = new ThreadPool({ size: 2 });
    const { waiting, free } = await halfLoaded(pool, async () => loaded.with({ pool })());
    await free();
    await waiting;
    await pool.close();

    expect(pool.stats().threads).toBe(0);
  });

  test('is replaced if what it loads has asked for the call', async () => {
    await using pool = new ThreadPool({ size: 2 });
    const { first, waiting, free, goOn } = await halfLoaded(pool, async () => loaded.with({ pool })(), 'loadAsks');
    await free();
    await waiting;
    const entered = gate();
    const holding = held.with({ pool })(entered);
    await reaches(entered, 1, 1);
    const next = loaded.with({ pool })();
    goOn();

    const [, second, asked] = await next;
    expect(second).not.toBe(first);
    expect(asked).toBe(42);
    open(entered);
    await holding;
  });
});

describe('what a thread is set up with, while it loads the module of it', { timeout: 20_000 }, () => {
  test.each<[string, (pool: ThreadPool) => Promise<unknown>]>([
    ['is free', async (pool) => timesSet.with({ pool })()],
    ['is given a call that goes before others', async (pool) => timesSet.with({ pool, priority: 1 })()],
  ])('stays there, though another thread that has it %s', async (_, call) => {
    await using pool = new ThreadPool({ size: 2, init: sets });
    const { waiting, free, goOn } = await halfLoaded(pool, async () => timesSet.with({ pool })());
    await free();
    expect(await call(pool)).toBe(1);
    goOn();

    expect(await waiting).toBe(1);
    expect(await pool.runOnAll(timesSet)).toEqual([1, 1]);
  });

  test('is no call that waits, for a pool that is closed', async () => {
    const pool = new ThreadPool({ size: 2, init: sets });
    const failures: unknown[] = [];
    pool.on('error', (error) => failures.push(error));
    const { waiting, free, goOn } = await halfLoaded(pool, async () => timesSet.with({ pool })());
    const outcome = Promise.allSettled([waiting]);
    const closed = pool.close({ waiting: 'reject' });
    await free();
    goOn();
    await closed;

    expect(await outcome).toMatchObject([{ status: 'rejected', reason: { code: 'ERR_OFFLOOP_CLOSED' } }]);
    expect(failures).toEqual([]);
  });
});

test('a module may wait for the main side while it is loaded', async () => {
  const it = note('loadAsks');
  open(it);
  await using pool = new ThreadPool({ size: 1 });

  expect((await loaded.with({ pool })(1))[2]).toBe(42);
});

test('of free threads, one that has the module of a call is given it', async () => {
  const it = note();
  await using pool = new ThreadPool({ size: 2 });
  const entered = gate();
  // The first place is that of a thread without the module.
  const blocked = block.with({ pool })(entered, 0);
  await reaches(entered, 1, 1);
  const [, first] = await loaded.with({ pool })();
  open(entered);
  await blocked;
  for (let round = 0; round < 3; round += 1) expect((await loaded.with({ pool })())[1]).toBe(first);

  expect(it[1]).toBe(1);
  expect(await where.with({ pool })()).not.toBe(first);
});

test(
  'a call of threadedSeparate does not wait for a spare thread that loads another module',
  { timeout: 20_000 },
  async () => {
    configure({ spare: 0 });
    const it = note();
    await apart();
    tell(it, 'loadWaits');
    configure({ spare: 1 });
    const waiting = apart();
    await reaches(it, 1, 3);

    expect(await separate(1)).toEqual([1, expect.any(Number)]);
    open(it);
    await waiting;
  },
);

test('a module that asks for the main side while a spare thread loads it waits for the call', async () => {
  const it = note('loadAsks');
  open(it);
  await apart();
  // Each call finds a thread in which the module asks already, or is about to.
  for (let round = 1; round <= 4; round += 1) {
    await reaches(it, 1, round);
    expect(await apartAsked()).toBe(42);
  }
});
