/** In which order calls start that take long, and the one that waits in the only thread of a pool. @module */

import { once } from 'node:events';
import { setImmediate, setTimeout } from 'node:timers/promises';
import * as fc from 'fast-check';
import { ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import * as held from '../fixtures/jobs/held.mjs';
import { reaches } from '../support/gate.ts';

const { answerWith, asksAt, countsTurns, endsAt, exitsAt, leaves, leavesLater, nothing, quick, share, starts } = held;

/** Field 0 counts the calls that have started; the other fields are gates on which calls wait. */
let words: Int32Array;

async function ready(size: number, options: object = {}): Promise<ThreadPool> {
  const pool = new ThreadPool({ size, ...options });
  words = new Int32Array(new SharedArrayBuffer(256));
  await pool.runOnAll(share, words);
  return pool;
}

function open(field: number): void {
  Atomics.store(words, field, 1);
  Atomics.notify(words, field);
}

/** Calls with a limit of their own are not taken for short ones, however soon they end. */
const timeout = 60_000;

/** The names of calls in the order in which they started. */
const inOrder = (answers: readonly unknown[][]): unknown[] =>
  answers.toSorted((a, b) => Number(a[1]) - Number(b[1])).map(([name]) => name);

test('calls start one by one in the order in which they were made, whichever thread is free first', async () => {
  const size = 3;
  await using pool = await ready(size);
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(size - 1), { minLength: 20, maxLength: 20 }), async (picks) => {
      words.fill(0);
      const calls = Array.from({ length: size + picks.length }, async (_, i) =>
        starts.with({ pool, timeout })(i, i + 1),
      );
      const running = Array.from({ length: size }, (_, i) => i);
      for (const [n, pick] of picks.entries()) {
        await reaches(words, 0, size + n);
        const [ended = 0] = running.splice(pick, 1, size + n);
        open(ended + 1);
      }
      for (const i of running) open(i + 1);

      const order = inOrder(await Promise.all(calls));
      expect(new Set(order.slice(0, size))).toEqual(new Set([0, 1, 2]));
      expect(order.slice(size)).toEqual(picks.map((_, n) => size + n));
    }),
    { numRuns: 20 },
  );
});

test('where there is one thread, the next call starts without the main side', async () => {
  await using pool = await ready(1);
  const call = starts.with({ pool, timeout });
  const both = Promise.all([call('a', 1), call('b')]);
  await reaches(words, 0, 1);
  open(1);

  // This blocks the main side.
  expect(Atomics.wait(words, 0, 1, 20_000)).not.toBe('timed-out');
  expect(inOrder(await both)).toEqual(['a', 'b']);
});

describe('while a call waits in the thread', () => {
  /** Calls `a` and `b`, which hold a pool of one, `b` behind `a`. */
  async function lined(
    options: object = {},
  ): Promise<{ pool: ThreadPool; a: Promise<unknown[]>; b: Promise<unknown[]> }> {
    const pool = await ready(1);
    const a = starts.with({ pool, timeout })('a', 1);
    await reaches(words, 0, 1);
    return { pool, a, b: starts.with({ pool, timeout, ...options })('b') };
  }

  test('one of a higher priority goes before it', async () => {
    const { pool, a, b } = await lined();
    const urgent = starts.with({ pool, priority: 1 })('urgent');
    open(1);

    expect(inOrder(await Promise.all([a, b, urgent]))).toEqual(['a', 'urgent', 'b']);
    await pool.close();
  });

  test('it counts as one that waits', async () => {
    const { pool, a, b } = await lined();
    expect(pool.stats()).toMatchObject({ busy: 1, queued: 1 });
    open(1);
    await Promise.all([a, b]);
    expect(pool.stats()).toMatchObject({ busy: 0, queued: 0 });
    await pool.close();
  });

  test('it can be aborted, and does not run', async () => {
    const controller = new AbortController();
    const { pool, a, b } = await lined({ signal: controller.signal });
    controller.abort('enough');
    await expect(b).rejects.toBe('enough');
    open(1);

    expect(await starts.with({ pool })('c')).toEqual(['c', 1, (await a)[2]]);
    await pool.close();
  });

  test('the clock of its timeout does not run', async () => {
    const { pool, a, b } = await lined({ timeout: 50 });
    await setTimeout(200);
    open(1);

    expect(inOrder(await Promise.all([a, b]))).toEqual(['a', 'b']);
    await pool.close();
  });

  test('it rejects if the pool is terminated', async () => {
    const { pool, a, b } = await lined();
    const both = Promise.allSettled([a, b]);
    await pool.terminate();

    const reason = expect.objectContaining({ code: 'ERR_OFFLOOP_CLOSED' });
    expect(await both).toEqual([expect.objectContaining({ reason }), expect.objectContaining({ reason })]);
  });

  test('it runs in the next thread if its own one is recycled', async () => {
    const { pool, a, b } = await lined();
    const recycled = pool.recycle();
    await once(pool, 'threadStart');
    open(1);

    // The new thread has not been given the fields.
    await expect(b).rejects.toThrow(TypeError);
    await a;
    await recycled;
    await pool.close();
  });
});

test('a call that waits in a thread runs in the next one if that ends', async () => {
  await using pool = await ready(1);
  const lost = exitsAt.with({ pool })(1);
  await reaches(words, 0, 1);
  const next = starts.with({ pool })('b');
  const both = Promise.allSettled([lost, next]);
  open(1);

  // The new thread has not been given the fields.
  expect(await both).toMatchObject([
    { reason: { code: 'ERR_OFFLOOP_WORKER_EXIT', exitCode: 3 } },
    { reason: expect.any(TypeError) },
  ]);
});

test('a call that waits in a thread starts elsewhere if the one before waits for what it is to do', async () => {
  await using pool = await ready(1);
  let isDone = (): void => undefined;
  answerWith(new Promise<void>((resolve) => (isDone = resolve)));
  const asking = asksAt.with({ pool })(1);
  await reaches(words, 0, 1);
  // The thread that stands in for the other has not been given the fields.
  const next = starts.with({ pool, timeout })('b').catch(isDone);
  open(1);

  await Promise.all([asking, next]);
});

test.each([
  [{ key: 'k' }, {}],
  [{}, { key: 'k' }],
])('a call that may wait in a thread does not go before one that may not: %o, %o', async (first, second) => {
  await using pool = await ready(1);
  const a = starts.with({ pool, timeout })('a', 1);
  await reaches(words, 0, 1);
  const behind = [
    starts.with({ pool, queueTimeout: timeout, ...first })('b'),
    starts.with({ pool, timeout, ...second })('c'),
  ];
  open(1);

  expect(inOrder(await Promise.all([a, ...behind]))).toEqual(['a', 'b', 'c']);
});

test('what a call gives does not wait for a short one that is sent behind it and takes long', async () => {
  await using pool = await ready(1);
  const short = quick.with({ pool });
  for (let i = 0; i < 50; i += 1) await short(i);
  // The thread has the function by now.
  await starts.with({ pool })('warm');
  words.fill(0);
  const limited = starts.with({ pool, timeout })('limited');
  const long = short('long', 1);

  expect(await limited).toEqual(['limited', 0, expect.any(Number)]);
  open(1);
  expect(await long).toEqual(['long', 1]);
});

test.each([leaves, leavesLater])(
  'what a call leaves behind ends its thread before the next call starts',
  async (fn) => {
    await using pool = await ready(1);
    await nothing.with({ pool })();
    const [, next] = await Promise.allSettled([fn.with({ pool })(), nothing.with({ pool })()]);

    expect(next).toEqual({ status: 'fulfilled', value: 'done' });
  },
);

test('the loop of a thread turns between calls that follow each other', async () => {
  await using pool = await ready(1);
  const counts = await Promise.all(Array.from({ length: 100 }, async () => countsTurns.with({ pool, timeout })()));

  expect(new Set(counts).size).toBe(100);
});

test('a call that ended in time after an abort does not cost its thread, though nobody could read so', async () => {
  await using pool = await ready(1, { grace: 50 });
  const [, , threadId] = await starts.with({ pool })('first');
  words.fill(0);
  const controller = new AbortController();
  const aborted = endsAt.with({ pool, signal: controller.signal })(1);
  await reaches(words, 0, 1);
  const next = starts.with({ pool, timeout })('next');
  // Timers are looked at next, before messages.
  await setImmediate();
  controller.abort('enough');
  open(1);
  // This blocks the main side: until the call has ended, and for longer than the grace.
  Atomics.wait(words, 2, 0, 20_000);
  Atomics.wait(words, 3, 0, 150);

  await expect(aborted).rejects.toBe('enough');
  expect((await next)[2]).toBe(threadId);
});
