/** How often is looked for what was looked for in vain. @module */

import { expect, test } from 'vitest';
import { Backoff } from '../../src/wait/backoff.ts';

/** How many spins are skipped until the next one. */
function leftOut(backoff: Backoff): number {
  let count = 0;
  while (backoff.skips()) count += 1;
  return count;
}

test('after looks in vain looks are left out, twice as many each time, up to 128', () => {
  const backoff = new Backoff();
  expect(leftOut(backoff)).toBe(0);
  const counts = Array.from({ length: 10 }, () => {
    backoff.missed();
    return leftOut(backoff);
  });

  expect(counts).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 128, 128]);
});

test('a look that finds something ends that', () => {
  const backoff = new Backoff();
  for (let i = 0; i < 5; i += 1) backoff.missed();
  leftOut(backoff);
  backoff.found();

  expect(leftOut(backoff)).toBe(0);
  backoff.missed();
  expect(leftOut(backoff)).toBe(1);
});
