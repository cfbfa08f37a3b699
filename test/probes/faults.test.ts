/** What does not hold yet. @module */

import { ThreadPool } from 'offloop';
import { expect, test } from 'vitest';
import { add, echo } from '../fixtures/jobs/basics.mjs';
import { never } from '../fixtures/jobs/broken/pending.mjs';
import { passes, share } from '../fixtures/jobs/lined.mjs';
import * as jobs from '../fixtures/jobs/probing.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { fixture, run } from '../support/run.ts';

/** A pool whose only thread is free, as far as the main side can tell, has done its share, and does not answer. */
async function turning(it: Int32Array): Promise<ThreadPool> {
  const pool = new ThreadPool({ size: 1, maxTasksPerThread: 1 });
  await jobs.blocksAfter.with({ pool })(it);
  await reaches(it, 1, 1);
  return pool;
}

// The next thread takes over by taking back what was sent, also what moved and is not there any more.
// Random calls show it as well: once this holds, those of seed 2 need not leave out what moves.
test('a call whose memory moved is not sent twice when its thread is replaced', async () => {
  const it = gate();
  await using pool = await turning(it);
  const bytes = new Uint8Array(8);

  expect(await jobs.sizes.with({ pool, transfer: [bytes.buffer] })(bytes)).toEqual([8]);
  open(it);
});

// As above: large arguments were sent without a copy, and are sent again as they are by then.
test('a call is given its large arguments as they were when its thread is replaced', async () => {
  const it = gate();
  await using pool = await turning(it);
  const large = Array.from({ length: 1000 }, (_, i) => ({ i }));
  const call = jobs.sizeOf.with({ pool })(large);
  large.length = 1;

  expect(await call).toBe(1000);
  open(it);
});

// The address of the function was in the message that was lost, and is never sent again: an internal TypeError instead.
test('a function can be called after a message that could not be read', async () => {
  await using pool = new ThreadPool({ size: 1, resourceLimits: { stackSizeMb: 0.5 } });
  expect(await add.with({ pool })(1)).toBe(2);
  let deep: unknown[] = [];
  for (let i = 0; i < 1500; i += 1) deep = [deep];

  await expect(jobs.sizeOf.with({ pool })(deep)).rejects.toMatchObject({ code: 'ERR_OFFLOOP_NOT_CLONEABLE' });
  expect(await jobs.sizeOf.with({ pool })([1])).toBe(1);
});

// What structuredClone bears when a call gets in line, postMessage may refuse: an uncaught error, and all of the batch hangs.
test('deeply nested arguments cross or reject, also where the call has to wait', async () => {
  const { lines, stderr } = await run(fixture('exits/deep.mjs'), { deadline: 20_000 });

  expect({ lines, stderr }).toEqual({ lines: Array(6).fill('settled'), stderr: '' });
});

// The clock of `timeout` is started by the function, and a module that never ends loading keeps that from happening.
test('a call runs out of time if its module never ends loading', async () => {
  await using pool = new ThreadPool({ size: 1 });
  const watchdog = setTimeout(() => void pool.terminate(), 2000);

  await expect(never.with({ pool, timeout: 50 })()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_TIMEOUT' });
  clearTimeout(watchdog);
});

interface Held {
  readonly it: Int32Array;

  /** Calls that have run, and are followed by one that blocks. */
  readonly done: Promise<unknown>[];
  readonly blocked: Promise<unknown>;
}

/** Sends calls of a function that is known to be short in one batch, the last of which blocks. */
async function held(pool: ThreadPool, options: object, last: object = options): Promise<Held> {
  await share.with({ pool })(gate());
  for (let round = 0; round < 50; round += 1) {
    await Promise.all(Array.from({ length: 4 }, async (_, i) => passes.with({ pool })(i)));
  }
  const it = gate();
  await share.with({ pool })(it);
  const done = Array.from({ length: 20 }, async (_, i) => passes.with({ pool, ...options })(i));
  const blocked = passes.with({ pool, ...last })('blocked', true);
  await reaches(it, 1, 1);
  expect(it[2]).toBe(21);
  return { it, done, blocked };
}

// Results of short calls wait in the thread's outbox until the one after them ends, however long that takes.
test('calls that have run settle while the one behind them blocks', async () => {
  await using pool = new ThreadPool({ size: 1 });
  const { it, done, blocked } = await held(pool, {});
  let isOpen = false;
  const watchdog = setTimeout(() => {
    isOpen = true;
    open(it);
  }, 2000);
  await Promise.all(done);

  expect(isOpen).toBe(false);
  clearTimeout(watchdog);
  open(it);
  await blocked;
});

// As above: the thread is terminated, and takes the results in its outbox along.
test('calls that have run are not lost when the one behind them is aborted', async () => {
  await using pool = new ThreadPool({ size: 1 });
  const controller = new AbortController();
  const { done, blocked } = await held(pool, {}, { signal: controller.signal });
  const outcomes = Promise.allSettled(done);
  controller.abort('enough');
  await expect(blocked).rejects.toBe('enough');

  expect((await outcomes).filter(({ status }) => status === 'rejected')).toEqual([]);
});

// The thread is terminated once for each of them, and each time adds listeners: MaxListenersExceededWarning.
test('calls of one thread that are given up together give no warning', async () => {
  await using pool = new ThreadPool({ size: 1 });
  const controller = new AbortController();
  const { done, blocked } = await held(pool, { signal: controller.signal });
  const warnings: Error[] = [];
  const hear = (warning: Error): number => warnings.push(warning);
  process.on('warning', hear);
  const outcomes = Promise.allSettled([...done, blocked]);
  controller.abort('enough');
  await outcomes;
  expect(await echo.with({ pool })(1)).toEqual([1]);
  process.off('warning', hear);

  expect(warnings).toEqual([]);
});

// Options are checked by Object.entries, which leaves out inherited ones, and read by name, which does not.
test('inherited options are checked, or not read', async () => {
  const make = (): ThreadPool => new ThreadPool(Object.create({ size: 0 }) as object);

  let pool: ThreadPool | undefined;
  try {
    pool = make();
  } catch (error) {
    expect(error).toMatchObject({ code: 'ERR_OFFLOOP_ARGUMENT' });
  }
  expect(pool?.size).not.toBe(0);
});
