/** How many threads of their own calls may have, which are kept ready, and those of calls inside threads. @module */

import { configure, ThreadPool } from 'offloop';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { separate, separateBlock, where } from '../fixtures/jobs/basics.mjs';
import * as alone from '../fixtures/jobs/alone.mjs';
import { shared } from '../../src/base/realm.ts';
import { gate, open, reaches } from '../support/gate.ts';
import { runtime } from '../support/runtimes/runtime.ts';

const wide = { timeout: 10_000, interval: 5 };
afterEach(() => configure({ maxWorkers: 16, spare: 1 }));

/** The id that a thread has which is started now: ids go up. */
async function idNow(): Promise<number> {
  await using pool = new ThreadPool({ size: 1 });
  return where.with({ pool })();
}

/** Uses up the threads that are ready, and leaves as many as the setting says. */
async function useSpares(count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await separate(i);
}

describe('maxWorkers', () => {
  test('bounds how many calls have a thread at once; those that wait go by priority, then in order', async () => {
    configure({ maxWorkers: 2 });
    const gates = [gate(), gate()];
    const running = gates.map(async (it) => separateBlock(it, 0));
    await Promise.all(gates.map(async (it) => reaches(it, 1, 1)));
    const counter = gate();
    open(counter);
    const names = { a: 0, b: 5, c: 0, d: -1, e: 5 };
    const waiting = Object.entries(names).map(async ([name, priority]) =>
      separateBlock.with({ priority })(counter, name),
    );
    await idNow();
    expect(counter[1]).toBe(0);

    open(gates[0] as Int32Array);
    const order = (await Promise.all(waiting)).toSorted((a, b) => a[1] - b[1]).map(([name]) => name);
    expect(order).toEqual(['b', 'e', 'a', 'c', 'd']);
    open(gates[1] as Int32Array);
    await Promise.all(running);
  });

  test('does not bound calls that are made in threads', async () => {
    configure({ maxWorkers: 1 });
    await using pool = new ThreadPool({ size: 1 });
    const it = gate();
    const running = separateBlock(it, 0);
    await reaches(it, 1, 1);
    const threads = await alone.callsMany.with({ pool })(4);

    expect(new Set(threads).size).toBe(5);
    open(it);
    await running;
  });

  test.each([{ maxWorkers: 0 }, { maxWorkers: 1.5 }, { maxWorkers: Infinity }, { spare: -1 }, { spare: 0.5 }])(
    'refuses %j',
    (changes) => {
      expect(() => configure(changes)).toThrow(expect.objectContaining({ code: 'ERR_OFFLOOP_ARGUMENT' }));
    },
  );
});

describe('spare', () => {
  test('is how many threads are kept ready: 1 by default', async () => {
    await useSpares(3);
    const now = await idNow();
    const [[, first], [, second]] = [await separate(1), await separate(2)];

    // The one was there before, and the other one was started for the call before.
    expect([first < now, second > now]).toEqual([true, true]);
  });

  test('may be more of them', async () => {
    configure({ spare: 2 });
    await useSpares(3);
    const now = await idNow();
    const threads = (await Promise.all([1, 2, 3].map(async (n) => separate(n)))).map(([, thread]) => thread);

    expect(threads.map((thread) => thread < now)).toEqual([true, true, false]);
  });

  test('may be none', async () => {
    configure({ spare: 0 });
    await useSpares(3);
    const now = await idNow();
    const [, thread] = await separate(1);

    expect(thread).toBeGreaterThan(now);
  });
});

describe('a call in a thread of its own that is made in a thread', () => {
  test('has its result, and a thread that is not that one', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const [what, thread] = (await alone.calls.with({ pool })('value')) as [string, number];

    expect([what, thread === (await where.with({ pool })())]).toEqual(['value', false]);
  });

  test('is known of no longer than there is something to know', async () => {
    const { late } = shared('holders', () => ({ late: new Set<number>() }));
    await using pool = new ThreadPool({ size: 1 });
    await alone.callsMany.with({ pool })(4);

    await vi.waitFor(() => expect(late.size).toBe(0), wide);
  });

  test.each([
    ['throw', { name: 'Told', isTold: true, code: 'E_TOLD' }],
    ['exit', { code: 'ERR_OFFLOOP_WORKER_EXIT', exitCode: 5 }],
    ['uncaught', { code: 'ERR_OFFLOOP_WORKER_EXIT', exitCode: 1 }],
  ])('rejects there if it ends by %s', async (what, expected) => {
    await using pool = new ThreadPool({ size: 1 });

    expect(await alone.calls.with({ pool })(what)).toMatchObject(expected);
    expect(await alone.calls.with({ pool })('next')).toEqual(['next', expect.any(Number)]);
  });

  test('rejects there if it takes too long', async () => {
    await using pool = new ThreadPool({ size: 1 });

    expect(await alone.calls.with({ pool })('spin', { timeout: 20 })).toMatchObject({ code: 'ERR_OFFLOOP_TIMEOUT' });
  });

  test.each([
    ['of a pool', alone.holdsBeating],
    ['of its own', alone.holdsBeatingAlone],
  ])('ends with that thread, one %s', async (_, holds) => {
    const it = gate();
    const controller = new AbortController();
    const call = holds.with({ signal: controller.signal })(it);
    await reaches(it, 1, 1);
    controller.abort('enough');

    await expect(call).rejects.toBe('enough');
    await stops(it);
  });

  test('ends with that thread when the call that made it returns', async () => {
    const it = gate();

    expect(await alone.leavesBeating(it)).toBe('returned');
    expect(it[1]).toBe(1);
    await stops(it);
  });
});

/** Resolves once nobody beats in field 2 any more. */
async function stops(it: Int32Array): Promise<void> {
  let last = -1;
  await vi.waitFor(() => {
    const before = last;
    last = Atomics.load(it, 2);
    expect(last).toBe(before);
  }, wide);
}

test('a thread that is kept ready has loaded the module of the last call', async () => {
  await alone.wasLoadedBefore(0);

  await vi.waitFor(async () => expect(await alone.wasLoadedBefore(Date.now())).toBe(true), {
    timeout: 10_000,
    // Each call takes the thread that is kept ready, and the next one has this time to load; in Deno it needs more.
    interval: runtime === 'deno' ? 1500 : 300,
  });
});
