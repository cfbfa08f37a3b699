/** A million operations of four threads on each primitive: the counts are exact. @module */

import { Channel, Event, Lock, Semaphore, ThreadPool } from 'offloop';
import { afterAll, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/syncing.mjs';

const pool = new ThreadPool({ size: 5 });
afterAll(async () => pool.close());

const four = [0, 1, 2, 3] as const;

test('a lock protects a counter that is not atomic', async () => {
  const lock = new Lock();
  const counter = new Float64Array(new SharedArrayBuffer(8));
  await Promise.all(four.map(async () => jobs.counts.with({ pool })(lock, counter, 250_000)));

  expect([counter[0], lock.isHeld]).toEqual([1_000_000, false]);
});

test('a semaphore lets no more in than it has permits, and loses none', async () => {
  const semaphore = new Semaphore(2);
  const inside = new Int32Array(new SharedArrayBuffer(8));
  const most = await Promise.all(four.map(async () => jobs.crowds.with({ pool })(semaphore, inside, 250_000)));

  expect(Math.max(...most)).toBeLessThanOrEqual(2);
  expect([...inside, semaphore.value]).toEqual([0, 1_000_000, 2]);
});

test('events wake every time', async () => {
  const bounce = jobs.bounces.with({ pool });
  const times = 30_000;
  const play = async (): Promise<number[]> => {
    const [here, there] = [new Event(), new Event()];
    here.set();
    return Promise.all([bounce(here, there, times), bounce(there, here, times)]);
  };

  // Two pairs, each of three operations a turn.
  expect(await Promise.all([play(), play()])).toEqual([Array(2).fill(times), Array(2).fill(times)]);
});

test.each([1, 64, Infinity])('a channel of %s gives each item once, each producer in order', async (maxSize) => {
  const channel = new Channel<number>({ maxSize });
  const times = maxSize === 1 ? 10_000 : 120_000;
  const checking = jobs.checks.with({ pool })(channel, 4);
  await Promise.all(four.map(async (who) => jobs.floods.with({ pool })(channel, who, times)));
  channel.close();

  expect(await checking).toEqual([true, times, times, times, times]);
});

test('a channel gives the main side each item once, each producer in order', async () => {
  const channel = new Channel<number>();
  const next = [0, 0, 0, 0];
  const flooding = Promise.all(four.map(async (who) => jobs.floods.with({ pool })(channel, who, 100_000)));
  const closing = flooding.then(() => channel.close());
  for await (const item of channel) {
    const who = item % 8;
    if (next[who] !== Math.floor(item / 8)) throw new Error(`out of order: ${item}`);
    next[who] += 1;
  }
  await closing;

  expect(next).toEqual(Array(4).fill(100_000));
});
