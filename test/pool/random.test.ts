/** Many calls with everything that can happen to them, in a seeded order: each settles once, and the pool stays whole. @module */

import { getEventListeners } from 'node:events';
import { ThreadPool } from 'offloop';
import { expect, test } from 'vitest';
import { add, echo, later, where } from '../fixtures/jobs/basics.mjs';
import { exits, fails, returns } from '../fixtures/jobs/failing.mjs';
import { spins } from '../fixtures/jobs/crossing.mjs';
import { gate } from '../support/gate.ts';

/** Numbers from 0 to 1 that are the same in every run (mulberry32). */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

test.each([1, 2, 3])(
  'seed %i: 3,000 calls with aborts, time-outs, throws, exits, keys and priorities',
  async (seed) => {
    const next = random(seed);
    await using pool = new ThreadPool({ size: 2, grace: 50 });
    const shared = new AbortController();
    const calls: Promise<string>[] = [];
    for (let i = 0; i < 2000; i += 1) {
      const controller = new AbortController();
      const options = {
        pool,
        signal: next() < 0.5 ? controller.signal : shared.signal,
        priority: Math.floor(next() * 3),
        ...(next() < 0.2 && { key: Math.floor(next() * 5) }),
        ...(next() < 0.1 && { queueTimeout: 1 + next() * 200 }),
      };
      const kind = next();
      const settled = (call: Promise<unknown>, isRight: (value: unknown) => boolean): Promise<string> =>
        call.then(
          (value) => (isRight(value) ? 'right' : `wrong: ${String(value)}`),
          (error: { code?: string } | string | undefined) =>
            typeof error === 'object' ? (error.code ?? 'error') : String(error),
        );
      if (kind < 0.4) calls.push(settled(add.with(options)(i, 1), (value) => value === i + 1));
      else if (kind < 0.6)
        calls.push(settled(echo.with(options)({ i }), (value) => JSON.stringify(value) === `[{"i":${i}}]`));
      else if (kind < 0.7) calls.push(settled(later.with(options)(i), (value) => (value as [number])[0] === i));
      else if (kind < 0.8) calls.push(settled(fails.with(options)(i), () => false));
      else if (kind < 0.85) calls.push(settled(returns.with(options)('function'), () => false));
      else if (kind < 0.86) calls.push(settled(exits.with(options)(5), () => false));
      else if (kind < 0.87) {
        const { signal } = controller;
        calls.push(settled(spins.with({ ...options, signal })(gate(), signal), () => true));
        setImmediate(() => controller.abort('aborted'));
      } else
        calls.push(
          settled(
            echo.with(options)(Array.from({ length: 200 }, () => i)),
            (value) => (value as unknown[][])[0]?.[199] === i,
          ),
        );
      const fate = next();
      if (fate < 0.1) controller.abort('aborted');
      else if (fate < 0.2) setTimeout(() => controller.abort('aborted'), next() * 50);
      if (next() < 0.02) await calls[Math.floor(next() * calls.length)];
    }
    const outcomes = await Promise.all(calls);

    expect(outcomes.filter((outcome) => outcome.startsWith('wrong'))).toEqual([]);
    expect(outcomes.filter((outcome) => outcome === 'right').length).toBeGreaterThan(700);
    expect(getEventListeners(shared.signal, 'abort')).toEqual([]);
    expect(await where.with({ pool })()).toBeGreaterThan(0);
    expect(pool.stats()).toMatchObject({ busy: 0, queued: 0 });
  },
);
