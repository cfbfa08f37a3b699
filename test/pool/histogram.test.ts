/** How durations are counted. @module */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Histogram } from '../../src/pool/figures/histogram.ts';

/** From a microsecond to twelve days, as many short ones as long ones, in milliseconds. */
const duration = fc.double({ min: -3, max: 9, noNaN: true }).map((power) => 10 ** power);

function histogramOf(times: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const time of times) histogram.record(time);
  return histogram;
}

test('a percentile is right to 1 %, or to a microsecond', () => {
  fc.assert(
    fc.property(fc.array(duration, { minLength: 1 }), fc.integer({ min: 1, max: 100 }), (times, percent) => {
      const found = histogramOf(times).percentile(percent);
      const exact = times.toSorted((a, b) => a - b)[Math.ceil((percent * times.length) / 100) - 1] as number;

      expect(Math.abs(found - exact)).toBeLessThanOrEqual(Math.max(0.001, exact / 100));
    }),
  );
});

test('the shortest, the mean and the longest are exact', () => {
  const { count, min, mean, max } = histogramOf([0.5, 1.25, 7, 0.25]);

  expect([count, min, mean, max]).toEqual([4, 0.25, 9 / 4, 7]);
});

test('the standard deviation is that of all of them', () => {
  expect(histogramOf([2, 4, 4, 4, 5, 5, 7, 9]).deviation).toBe(2);
  expect(histogramOf([7]).deviation).toBe(0);
  fc.assert(
    fc.property(fc.array(duration, { minLength: 1 }), (times) => {
      const mean = times.reduce((sum, time) => sum + time / times.length, 0);
      const exact = Math.sqrt(times.reduce((sum, time) => sum + (time - mean) ** 2 / times.length, 0));

      expect(Math.abs(histogramOf(times).deviation - exact)).toBeLessThanOrEqual(1e-6 * Math.max(...times));
    }),
  );
});

test('many that are nearly the same have the deviation that they have', () => {
  const histogram = histogramOf(Array.from({ length: 1000 }, (_, i) => 1e6 + (i % 2) / 1000));

  expect(histogram.deviation).toBeCloseTo(0.0005, 6);
});

test('there is nothing at first', () => {
  const histogram = new Histogram();
  const { min, mean, deviation, max } = histogram;

  expect([min, mean, deviation, max, histogram.percentile(50)]).toEqual([0, 0, 0, 0, 0]);
});
