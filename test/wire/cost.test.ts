/** What a function is thought to cost follows its last calls, and no single one. @module */

import { expect, test } from 'vitest';
import { nothingLearnt } from '../../src/codec/quick/learnt.ts';
import { isKnownShort, noteCost, shortCost } from '../../src/wire/cost.ts';

/** The cost after calls of so many milliseconds. */
function costAfter(...times: number[]): number {
  const learnt = nothingLearnt();
  for (const time of times) noteCost(learnt, time);
  return learnt.cost;
}

const eight = (time: number): number[] => Array.from({ length: 8 }, () => time);

test('the first call says what a function costs, and later ones correct that', () => {
  expect(costAfter()).toBe(Infinity);
  expect(costAfter(8)).toBe(8);
  expect(costAfter(...eight(8), 4, 2)).toBe(4);
  expect(costAfter(...eight(1), 0.001)).toBeGreaterThan(shortCost);
  expect(costAfter(...eight(1), 0.001, 0.001, 0.001, 0.001, 0.001)).toBeLessThan(shortCost);
});

test('of the first calls, which a thread has not compiled, the quickest says what a function costs', () => {
  expect(costAfter(8, 4, 2)).toBe(2);
  expect(costAfter(8, 0.001)).toBeLessThan(shortCost);
  expect(costAfter(0.001, 8, 8, 8, 8, 8)).toBeGreaterThan(shortCost);
});

test('one call that lost its processor leaves a short function short; some in a row do not', () => {
  expect(costAfter(0.001, 4)).toBeLessThan(shortCost);
  expect(costAfter(0, 4)).toBeLessThan(shortCost);
  expect(costAfter(0.001, ...Array.from({ length: 5 }, () => 4))).toBeGreaterThan(shortCost);
});

test('only a function that was called often is known to be short', () => {
  const learnt = nothingLearnt();
  const known = eight(0.001).map((time) => {
    noteCost(learnt, time);
    return isKnownShort(learnt);
  });

  expect(known).toEqual([false, false, false, false, false, false, false, true]);
  for (let i = 0; i < 20; i += 1) noteCost(learnt, 4);
  expect(isKnownShort(learnt)).toBe(false);
});
