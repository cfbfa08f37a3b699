/** Operators over an async generator, in one thread. @module */

import { equal } from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { generators, groupedOnMain, grouping, iterables, ix, operating, readable } from '../contestants.mjs';
import { lead, measure } from '../measure.mjs';

/** Chains of `length` operators; every other one adds one to each number. */
const row = (length, most, size) => ({
  name: `${length} operator${length === 1 ? '' : 's'}`,
  unit: 'µs',
  cpuUnit: 'CPU µs an item',
  rounds: 7,
  size,
  quickSize: size / 10,
  contestants: operating,
  baseline: generators,
  says: (count) => `${count} numbers of an async generator through ${length} of map and filter, per item`,
  targets: [
    { against: generators, most },
    // The others that wait for their consumers.
    ...[iterables, ix, readable].map((against) => ({ against, most: 1 })),
  ],
  async round({ sum }, count, { leadIn }) {
    await lead(leadIn, count, (times) => sum(times, length));
    const { time, cpu, value } = await measure(() => sum(count, length));

    equal(value, (count * (count - 1)) / 2 + count * Math.ceil(length / 2));
    return { figure: (time * 1000) / count, cpu: (cpu * 1000) / count, answers: count };
  },
});

const limit = 30_000;
const primesBelow = 3245;
const keys = 200;

const grouped = {
  name: 'groupBy, heavy function',
  unit: 'ms',
  sideUnit: 'ms of delay',
  cpuUnit: 'CPU ms an item',
  rounds: 5,
  size: 400,
  quickSize: 100,
  contestants: grouping,
  baseline: groupedOnMain,
  says: (count) =>
    `${count} times the primes below ${limit.toLocaleString('en')} by ${keys} keys, per item; beside it the 99th percentile of the event-loop delay of main`,
  targets: [
    { against: groupedOnMain, most: 0.55 },
    { figure: 'side', most: 5, below: true },
  ],
  async round(peer, count, { leadIn }) {
    const run = async (times) => {
      let taken = 0;
      for await (const found of peer.grouped(
        Array.from({ length: Math.ceil(times) }, () => limit),
        keys,
      )) {
        equal(found, primesBelow);
        taken += 1;
      }
      return taken;
    };
    await lead(leadIn, count, run);
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const { time, cpu, value } = await measure(() => run(count));
    delay.disable();

    equal(value, count);
    return { figure: time / count, cpu: cpu / count, side: delay.percentile(99) / 1e6, answers: count };
  },
};

export const operators = [row(1, 1, 100_000), row(3, 0.6, 100_000), row(10, 0.4, 50_000)];

export const keyed = [grouped];
