/**
 * Messages that cannot be read where they arrive, since the stack is too small there: no call waits for ever. @module
 */

import { ThreadPool } from 'offloop';
import { expect, test } from 'vitest';
import { where } from '../fixtures/jobs/basics.mjs';
import * as jobs from '../fixtures/jobs/deep.mjs';
import { open } from '../support/gate.ts';
import { note } from '../support/note.ts';
import { fixture, run } from '../support/run.ts';

/** Too deep for the stack of main, and not for that of a thread with this one. */
const deep = 30_000;
const large = { resourceLimits: { stackSizeMb: 16 } };

/** Too deep for the stack of a thread with this one. */
const less = 6000;
const small = { resourceLimits: { stackSizeMb: 0.5 } };

const lost = { code: 'ERR_OFFLOOP_NOT_CLONEABLE' };

// Written so soon that the thread still looks for it.
test.each([1500, 1800, 2100])('arguments %i deep do not end a thread that looks for the next call', async (depth) => {
  await using pool = new ThreadPool({ size: 1, ...small });
  const short = jobs.short.with({ pool });
  const outcomes = new Set<unknown>();
  for (let round = 0; round < 30; round += 1) {
    for (let i = 0; i < 100; i += 1) await short(i);
    const call = jobs.sizeOf.with({ pool })(jobs.nested(depth));
    outcomes.add(await call.catch(({ code }: { code: unknown }) => code));
  }

  // Which one it is depends on how much of the stack a version of Node.js takes.
  expect([1, lost.code]).toEqual(expect.arrayContaining([...outcomes]));
});

test.each([
  ['of which nothing was known', 0],
  ['of a function that was quick', 200],
])('a result %s is lost, and later calls are not', async (_, before) => {
  await using pool = new ThreadPool({ size: 1, ...large });
  const call = jobs.nest.with({ pool });
  for (let round = 0; round < 3; round += 1) {
    for (let i = 0; i < before; i += 1) await call(1);
    await expect(call(deep)).rejects.toMatchObject(lost);
    expect(await call(1)).toEqual([[]]);
  }
  expect(pool.stats()).toMatchObject({ busy: 0, queued: 0 });
});

test('calls that had not started are run by the next thread', async () => {
  await using pool = new ThreadPool({ size: 1, ...large });
  const options = { pool, queueTimeout: 60_000 };
  const calls = [deep, 1, 2].map(async (depth) => jobs.nest.with(options)(depth));
  const [first, ...others] = await Promise.allSettled(calls);

  expect(first).toMatchObject({ reason: lost });
  expect(others).toEqual([
    { status: 'fulfilled', value: [[]] },
    { status: 'fulfilled', value: [[[]]] },
  ]);
});

test('a call that had begun behind a lost result goes on, and the next one has another thread', async () => {
  const it = note();
  await using pool = new ThreadPool({ size: 1, ...large });
  const first = await where.with({ pool })();
  await jobs.nest.with({ pool })(1);
  const lostCall = jobs.nest.with({ pool })(deep);
  const behind = jobs.holds.with({ pool })();
  // The call is sent by now; main reads no message until the call has begun.
  await Promise.resolve();
  Atomics.wait(it, 1, 0, 30_000);

  await expect(lostCall).rejects.toMatchObject(lost);
  expect(pool.stats()).toMatchObject({ threads: 1, busy: 1 });
  open(it);
  expect(await behind).toBe('went on');
  expect(await where.with({ pool })()).not.toBe(first);
});

test('of quick calls that share messages only that has no result whose result is lost', async () => {
  await using pool = new ThreadPool({ size: 1, ...large });
  const call = jobs.nest.with({ pool });
  for (let i = 0; i < 200; i += 1) await call(1);
  const depths = [1, 1, deep, ...Array.from({ length: 40 }, () => 1), deep, 1];
  const outcomes = await Promise.allSettled(depths.map(async (depth) => call(depth)));

  expect(outcomes.map(({ status }) => status)).toEqual(
    depths.map((depth) => (depth === deep ? 'rejected' : 'fulfilled')),
  );
});

test('a thread for one call ends with it, and so does the process', async () => {
  const { code, lines } = await run(fixture('exits/unreadable.mjs'), { deadline: 20_000 });

  expect({ code, lines }).toEqual({ code: 0, lines: ['ERR_OFFLOOP_NOT_CLONEABLE'] });
});

test('an iterator ends with an item that is lost', async () => {
  await using pool = new ThreadPool({ size: 1, ...large });
  const items = jobs.nests.with({ pool })(deep);

  expect(await items.next()).toEqual({ value: 'first', done: false });
  await expect(items.next()).rejects.toMatchObject(lost);
  expect(await items.next()).toEqual({ value: undefined, done: true });
});

test.each([
  ['blocks', jobs.asks],
  ['awaits', jobs.awaits],
])('a call that %s for a reply which is lost rejects, and later calls run', async (_, fn) => {
  await using pool = new ThreadPool({ size: 1, ...small });
  const call = fn.with({ pool });
  const reply = async (depth: number): Promise<unknown> => Promise.resolve(jobs.nested(depth));

  await expect(call(reply, less)).rejects.toMatchObject(lost);
  expect(await call(reply, 1)).toBe(1);
});
