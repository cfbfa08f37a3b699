/** What nodes of a fleet run. @module */

import { threaded } from 'offloop';
import { countPrimes } from '../work.mjs';

export const add = threaded(function add(a, b) {
  return a + b;
});

const cell = new Int32Array(new SharedArrayBuffer(4));

/** Holds its thread for `time` milliseconds, without using the processor. */
export const hold = threaded(function hold(time) {
  Atomics.wait(cell, 0, 0, time);
  return time;
});

export const primes = threaded(function primes(limit) {
  return countPrimes(limit);
});

export const numbers = threaded(function* numbers(count) {
  for (let i = 0; i < count; i += 1) yield i;
});
