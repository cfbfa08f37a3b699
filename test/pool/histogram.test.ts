/** How durations are counted. @module */

import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { Histogram } from '../../src/pool/histogram.ts';

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

test('the mean and the longest are exact', () => {
  const histogram = histogramOf([0.5, 1.25, 7, 0]);

  expect([histogram.count, histogram.mean, histogram.max]).toEqual([4, 8.75 / 4, 7]);
});

test('there is nothing at first', () => {
  const { mean, max } = new Histogram();

  expect([mean, max, new Histogram().percentile(50)]).toEqual([0, 0, 0]);
});
