/** Rows about calls that arrive at random times, whether or not the calls before have been answered. @module */

import { notEqual } from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { threadId } from 'node:worker_threads';
import { asTheyCome, threads } from '../contestants.mjs';
import { opened } from './cold.mjs';

/** How long a job takes, in milliseconds. */
const jobTime = 2;

/** The same numbers in each process, from 0 to 1. */
function* seeded(seed) {
  for (let state = seed; ;) {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    yield ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** Makes `calls` calls at the times of a Poisson process; gives the time from the arrival to the result of each. */
async function arrive(spin, calls, mean) {
  const numbers = seeded(calls);
  const delays = [];
  const pending = [];
  let due = performance.now();
  for (let i = 0; i < calls; i += 1) {
    due -= Math.log(1 - numbers.next().value) * mean;
    // A timer is late by up to 1 ms, which would be part of each figure; the loop turns meanwhile.
    while (performance.now() < due) await new Promise((resolve) => setImmediate(resolve));
    const arrival = due;
    const note = (thread) => {
      delays.push(performance.now() - arrival);
      notEqual(thread, threadId, 'A job ran on main');
    };
    pending.push(spin(jobTime).then(note));
  }
  await Promise.all(pending);
  return delays.toSorted((a, b) => a - b);
}

const row = (load) => ({
  name: `arrivals at ${load} %`,
  unit: 'ms',
  sideUnit: 'p99, ms',
  cpuUnit: "main's delay, p99, ms",
  warmUps: 0,
  rounds: 7,
  size: 600,
  quickSize: 200,
  contestants: asTheyCome,
  targets: [
    { against: 'best peer', equal: true },
    { figure: 'side', against: 'best peer', most: 1.1 },
  ],
  says: (calls) =>
    `${calls} jobs of ${jobTime} ms that arrive at random, at ${load} % of what ${threads} threads can do: from the arrival to the result, the median and the 99th percentile`,
  async fresh(open, calls) {
    const spin = (await opened(open)).job('spin');
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const delays = await arrive(spin, calls, (jobTime / threads / load) * 100);
    delay.disable();
    const at = (part) => delays[Math.floor(calls * part)];
    return { figure: at(0.5), side: at(0.99), cpu: delay.percentile(99) / 1e6, answers: calls };
  },
});

export const arrivals = [row(30), row(60), row(80)];
