/**
 * Many calls with everything that can happen to them, in a seeded order: each settles once and runs at most once, and
 * the pool, the process and its memory are afterwards as they were. @module
 */

import { describe, expect, test } from 'vitest';
import { isFull } from '../support/full.ts';
import { fixture, run } from '../support/run.ts';

/** The output of the program; memory in KiB, on and off the heap, after a fifth of the calls and at the end. */
interface Report {
  readonly seed: number;
  readonly wrong: readonly string[];
  readonly early: readonly [number, number];
  readonly late: readonly [number, number];
  readonly outcomes: Readonly<Record<string, number>>;
}

/** How much more memory may be in use at the end, in KiB: less than anything kept of each call would take. */
const growth = 2000;

describe('random calls', () => {
  const brief = [
    { seed: 1, calls: 10_000, deaths: 0.5, options: {} },
    { seed: 4, calls: 10_000, deaths: 0.2, options: { size: 1 } },
  ];
  const long = [
    { seed: 2, calls: 40_000, deaths: 0.1, options: { maxTasksPerThread: 4000 } },
    { seed: 3, calls: 40_000, deaths: 0.1, options: { size: 3, maxQueue: 250, idleTimeout: 40 } },
  ];

  test.concurrent.each(isFull ? [...brief, ...long] : brief.slice(0, 1))(
    'settle as they should: seed $seed, $calls calls, $options',
    async ({ seed, calls, deaths, options }) => {
      const args = [seed, calls, deaths, options].map((value) => JSON.stringify(value));
      const ran = await run(fixture('exits/random.mjs'), { nodeArgs: ['--expose-gc'], args, deadline: 120_000 });
      const { code, signal, stdout, stderr } = ran;
      expect({ code, signal, stderr, hangs: stdout.includes('"hang"') && stdout }, `seed ${seed}`).toEqual({
        code: 0,
        signal: null,
        stderr: '',
        hangs: false,
      });
      const { wrong, early, late, outcomes } = JSON.parse(stdout) as Report;

      expect(wrong, `seed ${seed}`).toEqual([]);
      expect(outcomes['right'], `seed ${seed}`).toBeGreaterThan(calls / 2);
      expect(late[0] - early[0], `seed ${seed}`).toBeLessThan(growth);
      expect(late[1] - early[1], `seed ${seed}`).toBeLessThan(growth);
    },
  );
});
