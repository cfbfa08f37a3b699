/** In which order calls start that share a thread, however they were sent to it. @module */

import { ThreadPool } from 'offloop';
import { describe, expect, test } from 'vitest';
import { passes, share } from '../fixtures/jobs/lined.mjs';
import { gate, open, reaches } from '../support/gate.ts';

/** A pool of one that knows that the function is short, so that its calls are sent behind each other. */
async function warm(options: object = {}): Promise<ThreadPool> {
  const pool = new ThreadPool({ size: 1, ...options });
  await share.with({ pool })(gate());
  for (let round = 0; round < 50; round += 1) {
    await Promise.all(Array.from({ length: 4 }, async (_, i) => passes.with({ pool })(i)));
  }
  return pool;
}

/** Makes a call of a function known to be short block the only thread of `pool`. */
async function blocked(pool: ThreadPool): Promise<{ free(): Promise<void> }> {
  const it = gate();
  await share.with({ pool })(it);
  const first = passes.with({ pool })('first', true);
  await reaches(it, 1, 1);
  return {
    free: async () => {
      open(it);
      await first;
    },
  };
}

/** The calls in the order in which they started. */
const started = (answers: readonly unknown[][]): string =>
  answers
    .toSorted((a, b) => Number(a[1]) - Number(b[1]))
    .map(([value]) => String(value))
    .join('');

describe('calls behind a short one that blocks', () => {
  test('start in the order in which they were made', async () => {
    await using pool = await warm();
    const { free } = await blocked(pool);
    const behind = Array.from('abcdefghijkl', async (name) => passes.with({ pool })(name));

    await free();
    expect(started(await Promise.all(behind))).toBe('abcdefghijkl');
  });

  test('are overtaken by those of a higher priority', async () => {
    await using pool = await warm();
    const { free } = await blocked(pool);
    const say = async (name: string, priority: number): Promise<unknown[]> => passes.with({ pool, priority })(name);
    const behind = [say('d', 0), say('e', 0), say('b', 1), say('f', 0), say('c', 1), say('a', 2), say('g', 0)];

    await free();
    expect(started(await Promise.all(behind))).toBe('abcdefg');
  });

  test('are overtaken by ordinary ones if their priority is negative', async () => {
    await using pool = await warm();
    const { free } = await blocked(pool);
    const low = Array.from('xyz', async (name) => passes.with({ pool, priority: -1 })(name));
    const ordinary = Array.from('abc', async (name) => passes.with({ pool })(name));

    await free();
    expect(started(await Promise.all([...low, ...ordinary]))).toBe('abcxyz');
  });

  test('reject when they wait longer than their queueTimeout', async () => {
    await using pool = await warm();
    const { free } = await blocked(pool);
    const impatient = passes.with({ pool, queueTimeout: 10 })('impatient');

    await expect(impatient).rejects.toMatchObject({ code: 'ERR_OFFLOOP_QUEUE_TIMEOUT' });
    await free();
  });

  test('that are aborted leave the others alone', async () => {
    await using pool = await warm();
    const { free } = await blocked(pool);
    const controllers = Array.from('aAbBcC', () => new AbortController());
    const behind = controllers.map(async ({ signal }, i) => passes.with({ pool, signal })('aAbBcC'[i]));
    const outcomes = Promise.allSettled(behind);
    for (const [i, controller] of controllers.entries()) if (i % 2 === 1) controller.abort(i);

    await free();
    const kept = (await outcomes).flatMap((outcome) => (outcome.status === 'fulfilled' ? [outcome.value] : []));
    expect(started(kept)).toBe('abc');
  });
});

// The thread is not given the time to start any of them: all this happens in one turn.
describe('calls that were sent, and are taken back before they start', () => {
  test.each([
    ['in one line', {}],
    ['of one key', { key: 'k' }],
  ])('run all the same, %s', async (_, options) => {
    await using pool = await warm();
    for (let round = 0; round < 20; round += 1) {
      const calls = Array.from({ length: 10 }, async (_, i) => passes.with({ pool, ...options })(i));
      calls.push(passes.with({ pool, priority: 1 })('high'));

      expect(await Promise.all(calls)).toHaveLength(11);
    }
  });

  test('run even if the one that took them back is refused', async () => {
    await using pool = await warm({ maxQueue: 5 });
    for (let round = 0; round < 20; round += 1) {
      const calls = Array.from({ length: 10 }, async (_, i) => passes.with({ pool, priority: i % 2 })(i));
      const outcomes = await Promise.allSettled(calls);

      for (const outcome of outcomes) {
        if (outcome.status === 'rejected') expect(outcome.reason).toMatchObject({ code: 'ERR_OFFLOOP_QUEUE_FULL' });
      }
      expect(outcomes.filter(({ status }) => status === 'fulfilled').length).toBeGreaterThan(4);
    }
  });
});
