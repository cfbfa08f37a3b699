/** Iterators for long: memory stays flat, and no thread is waited for in vain. @module */

import { ThreadPool } from 'offloop';
import { expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/generators.mjs';
import { isFull } from '../support/full.ts';
import { fixture, run } from '../support/run.ts';
import { take } from '../support/take.ts';

test(
  'millions of items, and an endless producer with a slow consumer, leave the memory flat',
  { timeout: 120_000 },
  async () => {
    const args = [isFull ? '10000000' : '2000000'];
    const options = { nodeArgs: ['--expose-gc'], args, deadline: 100_000 };
    const { lines, stderr } = await run(fixture('exits/endurance.mjs'), options);

    expect({ lines, stderr }).toEqual({ lines: ['true true', '10 true'], stderr: '' });
  },
);

test('a consumer can call the pool whose only thread its iterator holds', async () => {
  await using pool = new ThreadPool({ size: 1 });
  let sum = 0;
  for await (const item of jobs.count.with({ pool, maxSize: 2 })(40))
    sum += (await jobs.quick.with({ pool })(item)) as number;

  expect(sum).toBe(780);
  expect(pool.stats()).toMatchObject({ busy: 0, blocked: 0, iterating: 0 });
});

test('iterators within each other share a pool of one', async () => {
  await using pool = new ThreadPool({ size: 1 });
  const pairs: number[][] = [];
  for await (const a of jobs.count.with({ pool, maxSize: 1 })(5)) {
    for await (const b of jobs.count.with({ pool, maxSize: 1 })(3)) pairs.push([a, b]);
  }

  expect(pairs).toHaveLength(15);
});

test('an iterator holds one thread, as stats() says, and gives it back', async () => {
  await using pool = new ThreadPool({ size: 2 });
  const iterator = jobs.count.with({ pool, maxSize: 2 })(1000);
  await iterator.next();
  expect(pool.stats()).toMatchObject({ busy: 1, iterating: 1 });

  await iterator.close();
  expect(pool.stats()).toMatchObject({ busy: 0, iterating: 0 });
});

test('close() of a pool waits for its iterators', async () => {
  const pool = new ThreadPool({ size: 1 });
  const iterator = jobs.count.with({ pool, maxSize: 2 })(10);
  await iterator.next();
  const closed = pool.close();

  expect(await take(iterator)).toHaveLength(9);
  await closed;
  await expect(jobs.count.with({ pool })(1).next()).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' });
});
