/** Many waits, with whatever may end them: none hangs, and no answer goes to another question. @module */

import { ThreadPool } from 'offloop';
import { expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/bridged.mjs';
import { random as randomOf } from '../fixtures/exits/mulberry32.mjs';
import { tries } from '../support/full.ts';

/** Answers at once, throws, or answers too late for who waits a fifth of a millisecond. */
async function answer(how: string, i: number): Promise<number> {
  if (how === 'throws') throw new Error(`no ${i}`);
  if (how === 'later') await new Promise((resolve) => setTimeout(resolve, 1));
  return i;
}

test('many questions of 4 threads are answered as they should be, some of them with errors, some too late', async () => {
  await using pool = new ThreadPool({ size: 4 });
  const trips = tries(25_000);
  const counts = await Promise.all([1, 2, 3, 4].map(async (seed) => jobs.wanders.with({ pool })(answer, seed, trips)));

  for (const { right, thrown, late } of counts as { right: number; thrown: number; late: number }[]) {
    expect(right + thrown + late).toBe(trips);
    expect(thrown).toBeGreaterThan(trips / 40);
    expect(late).toBeGreaterThan(trips / 100);
  }
});

test('every call settles, however many are aborted or killed while they wait', async () => {
  await using pool = new ThreadPool({ size: 3, grace: 50 });
  const random = randomOf(7);
  const outcomes = await Promise.allSettled(
    Array.from({ length: tries(150) }, async (_, i) => {
      const controller = new AbortController();
      const at = Math.floor(random() * 40);
      let asked = 0;
      const ask = async (how: string, n: number): Promise<number> => {
        asked += 1;
        if (asked === at) controller.abort(new Error(`aborted ${i}`));
        return answer(how, n);
      };
      const call = random() < 0.8 ? jobs.wanders : jobs.diesAt;
      return call.with({ pool, signal: controller.signal })(ask, i + 1, 40);
    }),
  );

  const ends = new Map<string, number>();
  for (const outcome of outcomes) {
    const { code, message } = (outcome.status === 'rejected' ? outcome.reason : {}) as {
      code?: string;
      message?: string;
    };
    const end = code ?? message?.replace(/\d+/, '') ?? 'fulfilled';
    ends.set(end, (ends.get(end) ?? 0) + 1);
  }
  expect([...ends.keys()].toSorted()).toEqual(['ERR_OFFLOOP_WORKER_EXIT', 'aborted ', 'fulfilled']);
  expect(await jobs.asks.with({ pool })(async (n: number) => n, 5)).toBe(5);
});
