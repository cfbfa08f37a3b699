/** How long a generator may run, and what becomes of it then. @module */

import { setTimeout } from 'node:timers/promises';
import { configure, IteratorWrapper, IteratorWrapperSeparate, ThreadPool, threadedSeparate } from 'offloop';
import { describe, expect, test } from 'vitest';
import { block } from '../fixtures/jobs/basics.mjs';
import * as jobs from '../fixtures/jobs/generators.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { take, takeToEnd } from '../support/take.ts';

const timedOut = { code: 'ERR_OFFLOOP_TIMEOUT' };

describe('the timeout of an iterator', () => {
  test.each([
    ['of a pool', jobs.floods.with({ timeout: 50 })],
    ['with a thread of its own', jobs.floodsApart.with({ timeout: 50 })],
    ['in lock-step', jobs.floods.with({ timeout: 50, maxSize: 0 })],
    ['at the place of use', (it: Int32Array) => new IteratorWrapper(jobs.endless, { timeout: 50, args: [it] })],
    [
      'there, with its own thread',
      (it: Int32Array) => new IteratorWrapperSeparate(jobs.endless, { timeout: 50, args: [it] }),
    ],
  ])('%s ends a generator at its yield, with its finally', async (_, make) => {
    const it = gate();

    await expect(take(make(it))).rejects.toMatchObject(timedOut);
    await reaches(it, 3, 1);
  });

  test('counts what it waits for its consumer; the items that wait are given first', async () => {
    const it = gate();
    const iterator = jobs.count.with({ timeout: 50, maxSize: 3 })(1000, it).start();
    await reaches(it, 3, 1);

    const { items, end } = await takeToEnd(iterator);
    expect([items, end]).toMatchObject([[0, 1, 2], timedOut]);
    expect(await iterator.next()).toEqual({ value: undefined, done: true });
    await iterator.close();
  });

  test('ends the thread of one that is busy after closeTimeout, and the pool goes on', async () => {
    await using pool = new ThreadPool({ size: 1, grace: 120_000 });
    const it = gate();
    const iterator = jobs.spins.with({ pool, timeout: 30, closeTimeout: 30 })(it);

    expect(await takeToEnd(iterator)).toMatchObject({ items: [1], end: timedOut });
    expect(await jobs.quick.with({ pool })(5)).toBe(5);
    expect(pool.stats()).toMatchObject({ completed: 1, failed: 1 });
  });

  test('aborts its callSignal()', async () => {
    const it = gate();

    expect(await takeToEnd(jobs.signalled.with({ timeout: 30 })(it))).toMatchObject({ items: [1], end: timedOut });
    await reaches(it, 3, 1);
  });

  test('does not count what it waits for a thread', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const it = gate();
    const held = block.with({ pool })(it, 1);
    await reaches(it, 1, 1);
    const items = take(jobs.count.with({ pool, timeout: 300 })(3));
    await setTimeout(400);
    open(it);
    await held;

    expect(await items).toEqual([0, 1, 2]);
  });

  test('is over with the generator, and with its closing', async () => {
    const iterator = jobs.count.with({ timeout: 50 })(3);
    await iterator.next();
    await setTimeout(100);
    expect(await take(iterator)).toEqual([1, 2]);

    const it = gate();
    const closed = jobs.endsLate.with({ timeout: 100 })(it);
    await closed.next();
    const closing = closed.close();
    await reaches(it, 1, 1);
    await setTimeout(150);
    open(it);
    await closing;
    expect(it[3]).toBe(1);
  });

  test('ends a generator in inline mode as well', async () => {
    configure({ inline: true });
    const it = gate();
    const iterator = jobs.floods.with({ timeout: 50 })(it);
    await expect(take(iterator).finally(() => configure({ inline: false }))).rejects.toMatchObject(timedOut);

    await reaches(it, 3, 1);
  });
});

test('detach is an option of iterators with threads of their own alone', () => {
  const generator = function* (): Generator<number> {
    yield 1;
  };

  expect(threadedSeparate(generator, { detach: true }).with({ detach: false })).toBeTypeOf('function');
  const refused = expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }) as Error;
  expect(() => new IteratorWrapper(jobs.exported, { args: [1], detach: true } as object)).toThrow(refused);
  expect(() => jobs.count.with({ detach: true } as object)).toThrow(refused);
});
