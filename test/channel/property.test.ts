/** Random producers, consumers, bounds and interruptions: nothing lost, nothing twice, nothing out of order. @module */

import { setImmediate } from 'node:timers/promises';
import * as fc from 'fast-check';
import { ThreadPool } from 'offloop';
import { afterAll, expect, test } from 'vitest';
import { scripted } from '../fixtures/jobs/scripted.mjs';
import type { Step } from '../fixtures/jobs/scripted.mjs';
import { tries } from '../support/full.ts';
import { gate, reaches } from '../support/gate.ts';

const pool = new ThreadPool({ size: 3 });
afterAll(async () => pool.close());

/** The steps of the generator. */
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 8, arbitrary: fc.record({ does: fc.constant('yield' as const), kind: fc.nat(5) }) },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('burst' as const), kind: fc.integer({ min: 2, max: 300 }) }) },
  { weight: 1, arbitrary: fc.record({ does: fc.constant('pause' as const), kind: fc.nat(2) }) },
);

/** The action of the consumer after so many items. */
const stop = fc.record({
  after: fc.nat(400),
  does: fc.constantFrom('break', 'throw', 'abort', 'kill', 'go on'),
});

const plan = fc.record({
  steps: fc.array(step, { maxLength: 30 }),
  end: fc.constantFrom('return', 'throw'),
  isAsync: fc.boolean(),
  maxSize: fc.constantFrom(0, 1, 2, 3, 8, 64, 1024, Infinity),
  overflow: fc.constantFrom('block', 'block', 'drop-oldest', 'drop-newest'),
  stop,
  pauses: fc.array(fc.nat(3), { minLength: 1, maxLength: 5 }),
  overlaps: fc.integer({ min: 1, max: 4 }),
});

const numberOf = (item: unknown): number => {
  if (item instanceof Uint8Array) return new DataView(item.buffer, item.byteOffset).getUint32(0);
  return typeof item === 'object' ? Number((item as { n: number | bigint }).n) : Number(item);
};

test('an iterator keeps its promises', { timeout: 240_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(plan, async ({ steps, end, isAsync, maxSize, overflow, stop, pauses, overlaps }) => {
      const it = gate();
      const controller = new AbortController();
      const policy = maxSize === 0 ? 'block' : overflow;
      const { signal } = controller;
      const iterator = scripted.with({ pool, maxSize, overflow: policy, signal, closeTimeout: 30_000 })(
        steps,
        stop.does === 'kill' ? { end, isAsync, exitsAfter: stop.after } : { end, isAsync },
        it,
      );

      const items: number[] = [];
      let outcome: unknown = 'broken';
      try {
        for (let turn = 0; ; turn += 1) {
          const results = await Promise.all(Array.from({ length: overlaps }, async () => iterator.next()));
          const over = results.find(({ done }) => done);
          items.push(...results.flatMap(({ value, done }) => (done ? [] : [numberOf(value)])));
          expect(iterator.size).toBeLessThanOrEqual(maxSize === 0 ? 0 : maxSize);
          if (over) {
            outcome = over.value;
            break;
          }
          for (let i = pauses[turn % pauses.length] as number; i > 0; i -= 1) await setImmediate();
          if (items.length < stop.after) continue;
          if (stop.does === 'break') {
            await iterator.return();
            break;
          }
          if (stop.does === 'throw') throw new Error('mine');
          if (stop.does === 'abort') controller.abort(new Error('aborted'));
        }
      } catch (error) {
        outcome = (error as Error & { code?: string }).code ?? (error as Error).message;
      }
      await iterator.close().catch(() => undefined);
      expect((await iterator.next()).done).toBe(true);

      const yielded = Atomics.load(it, 2);
      const isKilled = outcome === 'ERR_OFFLOOP_WORKER_EXIT';
      const isWhole = outcome === 'done' || outcome === 'thrown' || isKilled;
      // In order and none twice; without a policy that drops, none is missing.
      for (let i = 1; i < items.length; i += 1) expect(items[i]).toBeGreaterThan(items[i - 1] as number);
      if (policy === 'block') expect(items).toEqual(items.map((_, i) => i));
      if (isWhole && items.length + iterator.dropped !== yielded) {
        // If calls of next() overlap, the calls before the rejected one have given their items.
        expect(overlaps).toBeGreaterThan(1);
        expect(outcome).not.toBe('done');
      }
      if (policy === 'block') expect(iterator.dropped).toBe(0);
      if (yielded > 0 && !isKilled && outcome !== 'ERR_OFFLOOP_TIMEOUT') await reaches(it, 3, 1);
      expect(pool.stats().iterating).toBe(0);
    }),
    { numRuns: tries(250), endOnFailure: false },
  );
});
