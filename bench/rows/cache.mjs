/** Reads and writes of a store, by one thread and by two at once. @module */

import { storing, storingBare } from '../contestants.mjs';
import { lead, measure } from '../measure.mjs';

/** How many writes are made before their promises are awaited. */
const burst = 200;

const row = (what, threads, size) => ({
  name: `${what}, ${threads} thread${threads === 1 ? '' : 's'}`,
  unit: 'µs',
  cpuUnit: 'CPU µs an entry',
  rounds: 7,
  size,
  quickSize: size / 5,
  contestants: storing,
  baseline: storingBare,
  says: (count) =>
    what === 'get'
      ? `${count} reads of small objects by each of ${threads}, per read`
      : `${count} writes of small objects, ${burst} at once, by each of ${threads}, per write, until they are on the disk`,
  targets: [{ against: storingBare, most: 1.25 }],
  async round(peer, count, { leadIn }) {
    const run = (times) => peer[what](threads, Math.ceil(times), burst);
    await lead(leadIn, count, run);
    const { time, cpu } = await measure(() => run(count));

    const all = count * threads;
    return { figure: (time * 1000) / all, cpu: (cpu * 1000) / all, answers: all };
  },
});

export const cache = [row('get', 1, 50_000), row('get', 2, 50_000), row('put', 1, 10_000), row('put', 2, 10_000)];
