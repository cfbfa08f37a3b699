/** How a wait for a primitive ends that nobody grants: when its call is given up, and when nobody is left. @module */

import { Channel, Event, Lock, Semaphore, ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import { where } from '../fixtures/jobs/basics.mjs';
import * as jobs from '../fixtures/jobs/syncing.mjs';
import { gate, open, reaches } from '../support/gate.ts';
import { fixture, run } from '../support/run.ts';

async function held<T extends Lock | Semaphore>(it: T): Promise<T> {
  await it.acquireAsync();
  return it;
}

async function full(): Promise<Channel<number>> {
  const channel = new Channel<number>({ maxSize: 1 });
  await channel.putAsync(1);
  return channel;
}

describe('a call that is aborted while it blocks', () => {
  test.each([
    ['for an event', async () => new Event(), 'wait', []],
    ['for a lock', async () => held(new Lock()), 'acquire', []],
    ['for a permit', async () => held(new Semaphore(1)), 'acquire', []],
    ['for an item', async () => new Channel(), 'syncGet', []],
    ['for room', full, 'put', [2]],
  ])('%s is interrupted: finally runs, and the thread lives on', async (_, make, method, args) => {
    await using pool = new ThreadPool({ size: 1, grace: 60_000 });
    const thread = await where.with({ pool })();
    // While the thread spins, in the first millisecond of its sleep, of which it does not tell main, and later.
    for (const pause of [0, 0.5, 20]) {
      const it = gate();
      const controller = new AbortController();
      const call = jobs.cleansUp.with({ pool, signal: controller.signal })(await make(), method, args, it);
      await reaches(it, 1, 1);
      const until = performance.now() + pause;
      while (performance.now() < until) await new Promise((resolve) => setImmediate(resolve));
      controller.abort(new Error('enough'));

      await expect(call).rejects.toThrow('enough');
      await reaches(it, 2, 1);
      expect(await where.with({ pool })()).toBe(thread);
    }
  });

  test('leaves a generator to its finally, which may wait', async () => {
    const [event, last, it] = [new Event(), new Event(), gate()];
    const iterator = jobs.waitsInSteps(event, last, it);
    expect(await iterator.next()).toMatchObject({ value: 'first' });
    void iterator.next();
    await reaches(it, 1, 1);
    const closing = iterator.close();
    await reaches(it, 2, 1);
    last.set();
    await closing;

    expect(it[3]).toBe(1);
  });
});

describe('a pool whose threads all wait', () => {
  test('gives another thread to the call that ends their wait', async () => {
    await using pool = new ThreadPool({ size: 1 });
    const [event, it] = [new Event(), gate()];
    const waiting = [1, 2, 3].map(async () => jobs.waits.with({ pool })(event, it));
    await reaches(it, 1, 1);
    await jobs.does.with({ pool })(event, 'set');

    expect(await Promise.all(waiting)).toHaveLength(3);
    open(it);
  });
});

describe('a program whose main side has nothing left to do', () => {
  test.each([
    ['ends waits for all of the primitives', 'endless', 'ERR_OFFLOOP_NEVER_SETTLES'],
    ['waits for another thread', 'another', 'undefined,set'],
    ['waits for a call that waits for a thread', 'queued', 'undefined,set'],
    ['waits for a timer', 'timer', 'undefined'],
    ['waits for what threads put, which wait for it to take', 'channels', '12000'],
    ['waits for its own wait to take too long', 'clock', 'ERR_OFFLOOP_TIMEOUT,undefined'],
  ])('%s', async (_, name, expected) => {
    const { code, lines, stderr } = await run(fixture('exits/endless-sync.mjs'), { args: [name], deadline: 30_000 });

    expect({ code, lines, stderr }).toEqual({ code: 0, lines: [expected], stderr: '' });
  });
});
