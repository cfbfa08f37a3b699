/** However a thread dies, its call settles, the pool replaces it, and the next call works. @module */

import { ThreadPool } from 'offloop';
import { afterAll, describe, expect, test, vi } from 'vitest';
import * as basics from '../fixtures/jobs/basics.mjs';
import * as jobs from '../fixtures/jobs/failing.mjs';
import { gate, reaches } from '../support/gate.ts';

const pool = new ThreadPool({ size: 1 });
afterAll(async () => pool.terminate());

const ended = (facts: object = {}): Error =>
  expect.objectContaining({ code: 'ERR_OFFLOOP_WORKER_EXIT', ...facts }) as Error;

async function nextWorks(): Promise<void> {
  expect(await basics.add.with({ pool })(1)).toBe(2);
}

describe('a thread that ends', () => {
  test('by process.exit rejects the call with its exit code and its id', async () => {
    const threadId = await basics.where.with({ pool })();

    await expect(jobs.exits.with({ pool })(3)).rejects.toThrow(ended({ exitCode: 3, threadId }));
    await nextWorks();
    expect(await basics.where.with({ pool })()).not.toBe(threadId);
  });

  test('by an exception that nobody caught gives it as the cause', async () => {
    const cause = expect.objectContaining({ message: 'late' }) as Error;

    await expect(jobs.throwsLate.with({ pool })()).rejects.toThrow(ended({ cause }));
    await nextWorks();
  });

  test('by a rejection that nobody handled gives it as the cause', async () => {
    const cause = expect.objectContaining({ message: 'unhandled' }) as Error;

    await expect(jobs.rejectsLate.with({ pool })()).rejects.toThrow(ended({ cause }));
    await nextWorks();
  });

  test.each([
    ['at once', jobs.fillsMemory, { cause: expect.objectContaining({ code: 'ERR_WORKER_OUT_OF_MEMORY' }) as Error }],
    ['later, with a listener for what nobody catches,', jobs.fillsMemoryLater, {}],
  ] as const)('%s for lack of memory rejects the call', async (_name, job, facts) => {
    await using small = new ThreadPool({ size: 1, resourceLimits: { maxOldGenerationSizeMb: 32 } });

    await expect(job.with({ pool: small })()).rejects.toThrow(ended(facts));
    expect(await basics.add.with({ pool: small })(1)).toBe(2);
  });

  test('while it is idle harms nobody', async () => {
    // The next call either finds another thread, or is done before the one that it found ends.
    for (let i = 0; i < 10; i += 1) expect(await jobs.exitsLater.with({ pool })()).toBe('done');
    await vi.waitFor(() => expect(pool.stats().threads).toBe(0), { timeout: 10_000 });
    await nextWorks();
  });

  test('loses none of the calls behind the one that ended it', async () => {
    await Promise.all(Array.from({ length: 200 }, async (_, i) => basics.echo.with({ pool })(i)));
    const calls = Array.from({ length: 60 }, async (_, i) =>
      i % 10 === 5 ? jobs.exits.with({ pool })(4) : basics.echo.with({ pool })(i),
    );
    const outcomes = await Promise.allSettled(calls);

    for (const [i, outcome] of outcomes.entries()) {
      if (i % 10 === 5) expect(outcome).toMatchObject({ status: 'rejected', reason: { exitCode: 4 } });
      else expect(outcome).toEqual({ status: 'fulfilled', value: [i] });
    }
  });
});

describe('a thread that lives on', () => {
  test('lets a timer that a call left fire', async () => {
    const it = gate();
    await jobs.leavesTimer.with({ pool })(it);

    await reaches(it, 0, 1);
    await nextWorks();
  });

  test('runs equal calls in the order in which they were made', async () => {
    const counter = gate();
    const calls = Array.from({ length: 12 }, async (_, i) => basics.log.with({ pool })(counter, i));

    expect(await Promise.all(calls)).toEqual(Array.from({ length: 12 }, (_, i) => [i, i]));
  });
});

describe('a slow call in front of short ones', () => {
  test('does not hold them up while another thread is free', async () => {
    await using two = new ThreadPool({ size: 2 });
    await Promise.all(Array.from({ length: 400 }, async (_, i) => basics.echo.with({ pool: two })(i)));
    const it = gate();
    const slow = basics.block.with({ pool: two })(it, 'slow');
    await reaches(it, 1, 1);
    const short = await Promise.all(Array.from({ length: 300 }, async (_, i) => basics.echo.with({ pool: two })(i)));

    expect(short).toHaveLength(300);
    Atomics.store(it, 0, 1);
    Atomics.notify(it, 0);
    expect(await slow).toBe('slow');
  });
});
