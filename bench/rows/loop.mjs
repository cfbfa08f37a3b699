/** A row about the delay of main's event loop while every thread is busy. @module */

import { equal } from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { threadId } from 'node:worker_threads';
import { asTheyCome, piscina, threads } from '../contestants.mjs';
import { measure } from '../measure.mjs';

const jobTime = 5;

/** How much longer {@link saturate} runs if a thread has had no work yet, in milliseconds. */
const patience = 1000;

/**
 * Keeps the threads busy with `depth` queued jobs, until `time` is over and each thread had one, as a pool may start
 * its threads when there is work. Gives the number of jobs, and of the threads that they ran in.
 */
export async function saturate(peer, { time, depth }) {
  const spin = peer.job('spin');
  const end = performance.now() + time;
  const seen = new Set();
  let jobs = 0;
  const goesOn = () => performance.now() < (seen.size < threads ? end + patience : end);
  const line = async () => {
    while (goesOn()) {
      seen.add(await spin(jobTime));
      jobs += 1;
    }
  };
  await Promise.all(Array.from({ length: depth }, line));

  equal(seen.has(threadId), false, 'A job ran on main');
  return { jobs, used: seen.size };
}

const depth = 64;

export const loop = [
  {
    name: 'event-loop delay',
    unit: 'ms',
    rounds: 3,
    size: 1000,
    quickSize: 100,
    says: (time) =>
      `99th percentile on main over ${time} ms, both threads kept busy with ${jobTime} ms jobs, ${depth} in line; sampled every 1 ms, which is part of the figure; processor time per job`,
    contestants: asTheyCome,
    baseline: 'idle loop, no threads',
    targets: [
      { against: piscina, most: 2 },
      { most: 5, below: true },
    ],
    async round(peer, time) {
      const delay = monitorEventLoopDelay({ resolution: 1 });
      delay.enable();
      const { value, cpu } = await measure(() => (peer.job ? saturate(peer, { time, depth }) : setTimeout(time)));
      delay.disable();
      const figure = delay.percentile(99) / 1e6;
      return value ? { figure, cpu: (cpu * 1000) / value.jobs, answers: value.jobs, used: value.used } : { figure };
    },
  },
];
