/** Threads of objects that die, and objects that are released, while they are used: at whichever step. @module */

import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { controls, Sorter } from '../fixtures/objects/sorter.mjs';
import { take } from '../support/take.ts';
import { isFull } from '../support/full.ts';

type Started = Awaited<ReturnType<typeof Sorter.start>>;

/** What a program does with an object; `step` is called between what it does. */
const works: Readonly<Record<string, (sorter: Started, step: () => void) => Promise<unknown>>> = {
  async 'calls and reads'(sorter, step) {
    for (let i = 0; i < 3; i += 1) {
      await sorter.add('Dan');
      step();
      await Promise.all([sorter.size, sorter.limit, sorter.sorted()]);
      step();
    }
  },
  async sets(sorter, step) {
    await sorter.set('limit', 5);
    step();
    await sorter.statics.twice(4);
  },
  async iterates(sorter, step) {
    for await (const _ of sorter.with({ maxSize: 1 }).each()) step();
    await take(sorter.with({ maxSize: 2 }).eachSlowly(), 4);
    step();
  },
  async streams(sorter, step) {
    const stream = await sorter.stream(50);
    let n = 0;
    for await (const _ of stream) if ((n += 1) % 10 === 0) step();
  },
  async 'uses nested objects'(sorter, step) {
    const cursor = await sorter.cursor();
    step();
    await cursor.next();
    step();
    await sorter.takes(cursor);
    await cursor.release();
    step();
  },
  async 'is called back'(sorter, step) {
    await sorter.each2((name: string) => {
      step();
      return name;
    });
    await sorter.onAdd(() => step());
    await sorter.notify('Eve');
  },
  async 'gives up calls'(sorter, step) {
    await sorter
      .with({ timeout: 1 })
      .signalled()
      .catch((error: unknown) => {
        if ((error as { code?: unknown }).code !== 'ERR_OFFLOOP_TIMEOUT') throw error;
      });
    step();
    await sorter.size;
  },
};

const troubles: Readonly<Record<string, (sorter: Started) => unknown>> = {
  'its thread exits': (sorter) => sorter.exits(5),
  'it is released': (sorter) => controls(sorter).release(),
  nothing: () => undefined,
};

const codes = new Set(['ERR_OFFLOOP_WORKER_EXIT', 'ERR_OFFLOOP_CLOSED']);

describe('an object', () => {
  test('settles everything with a code, whatever happens at whichever step', { timeout: 400_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...Object.keys(troubles)),
        fc.array(fc.constantFrom(...Object.keys(works)), { minLength: 1, maxLength: 4 }),
        fc.nat(12),
        fc.boolean(),
        async (trouble, names, at, isSupervised) => {
          const made = isSupervised ? Sorter.with({ supervise: { maxRestarts: 1 } }) : Sorter;
          const sorter = await made.start('Ada', 'Bea', 'Cid');
          const ends: unknown[] = [];
          let steps = 0;
          const step = (): void => {
            if (steps === at) ends.push(Promise.resolve(troubles[trouble]?.(sorter)).catch(() => undefined));
            steps += 1;
          };
          const all = names.map(async (name) => works[name]?.(sorter, step));
          for (const result of await Promise.allSettled(all)) {
            if (result.status === 'fulfilled') continue;
            const { code } = result.reason as { code?: string };
            if (code === undefined || !codes.has(code)) throw result.reason;
            expect(steps).toBeGreaterThan(at);
          }
          await Promise.all(ends);
          if (trouble === 'its thread exits' && steps > at && isSupervised)
            expect(await sorter.size).toBeGreaterThan(0);
          await controls(sorter).release();
          expect(controls(sorter).status).toBe('released');
          await expect(sorter.add('Fay')).rejects.toMatchObject({ code: 'ERR_OFFLOOP_CLOSED' });
        },
      ),
      { numRuns: isFull ? 60 : 4 },
    );
  });
});
