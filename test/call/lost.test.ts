/** Calls that are sent again, lost, or given up together: none runs twice, none is forgotten. @module */

import { ThreadPool } from 'offloop';
import { expect, test } from 'vitest';
import { add, echo } from '../fixtures/jobs/basics.mjs';
import { leaves, passes, share } from '../fixtures/jobs/lined.mjs';
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

test('a call whose memory moved is not sent twice when its thread is replaced', async () => {
  const it = gate();
  await using pool = await turning(it);
  const bytes = new Uint8Array(8);

  const call = jobs.sizes.with({ pool, transfer: [bytes.buffer] })(bytes);
  open(it);

  expect(await call).toEqual([8]);
});

test('a call is given its large arguments as they were when its thread is replaced', async () => {
  const it = gate();
  await using pool = await turning(it);
  const large = Array.from({ length: 1000 }, (_, i) => ({ i }));
  const call = jobs.sizeOf.with({ pool })(large);
  large.length = 1;
  open(it);

  expect(await call).toBe(1000);
});

test.each([1200, 1500, 1800, 2100, 2400])(
  'a function can be called after a message nested %i deep, whether it could be read or not',
  async (depth) => {
    await using pool = new ThreadPool({ size: 1, resourceLimits: { stackSizeMb: 0.5 } });
    expect(await add.with({ pool })(1)).toBe(2);
    let deep: unknown[] = [];
    for (let i = 0; i < depth; i += 1) deep = [deep];
    const outcome = jobs.sizeOf
      .with({ pool })(deep)
      .catch(({ code }: { code: unknown }) => code);

    expect([1, 'ERR_OFFLOOP_NOT_CLONEABLE']).toContain(await outcome);
    expect(await jobs.sizeOf.with({ pool })([1])).toBe(1);
  },
);

test('deeply nested arguments cross or reject, also where the call has to wait', async () => {
  const { lines, stderr } = await run(fixture('exits/deep.mjs'), { deadline: 20_000 });

  expect({ lines, stderr }).toEqual({ lines: Array(6).fill('settled'), stderr: '' });
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

test('calls that have run are not lost when the one behind them is aborted', async () => {
  await using pool = new ThreadPool({ size: 1 });
  const controller = new AbortController();
  const { done, blocked } = await held(pool, {}, { signal: controller.signal });
  const outcomes = Promise.allSettled(done);
  controller.abort('enough');
  await expect(blocked).rejects.toBe('enough');

  expect((await outcomes).filter(({ status }) => status === 'rejected')).toEqual([]);
});

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

test('results of short calls are not lost with a short call that ends the thread', async () => {
  await using pool = new ThreadPool({ size: 1 });
  const leave = leaves.with({ pool });
  for (let i = 0; i < 300; i += 1) await leave(i);

  const values = Array.from({ length: 20 }, (_, i) => leave(i));
  const last = leave('last', true);

  expect(await Promise.allSettled(values)).toEqual(values.map((_, value) => ({ status: 'fulfilled', value })));
  await expect(last).rejects.toMatchObject({ code: 'ERR_OFFLOOP_WORKER_EXIT', exitCode: 6 });
});
