import { performance } from 'node:perf_hooks';
import * as fc from 'fast-check';
import { stream } from 'offloop/streams';
import { describe, expect, test } from 'vitest';
import { Fifo } from '../../src/base/fifo.ts';

const actions = fc.array(fc.constantFrom('push', 'push', 'shift', 'drain'), { maxLength: 60 });

describe('a queue', () => {
  test('gives what was put in, in order', () => {
    fc.assert(
      fc.property(actions, (all) => {
        const queue = new Fifo<number>();
        let model: number[] = [];
        for (const [n, action] of all.entries()) {
          if (action === 'push') {
            queue.push(n);
            model.push(n);
          } else if (action === 'shift') {
            expect(queue.shift()).toBe(model.shift());
          } else {
            expect(queue.drain()).toEqual(model);
            model = [];
          }
          expect([queue.size, queue.first, queue.snapshot()]).toEqual([model.length, model[0], model]);
        }
      }),
    );
  });
});

test('two hundred thousand items that were handed in at once are given in a short time', async () => {
  const begun = performance.now();
  const items = stream(Array.from({ length: 200_000 }, (_, n) => n)).map(async (n) => n, { concurrency: Infinity });

  expect(await items.reduce((last, n) => Math.max(last, n))).toBe(199_999);
  // With `Array.prototype.shift` it takes more than half a minute.
  expect(performance.now() - begun).toBeLessThan(20_000);
});
