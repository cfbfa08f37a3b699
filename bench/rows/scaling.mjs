/** Rows about the speed-up of CPU-bound work by more threads. @module */

import { equal } from 'node:assert/strict';
import { asTheyCome, onMain } from '../contestants.mjs';
import { measure } from '../measure.mjs';

const limit = 100_000;
const primesBelow = 9592;

/** Pools by their number of threads; a contestant has a process of its own. */
const pools = new Map();

const row = (threads, rest) => ({
  name: inWords(threads),
  unit: 'ms',
  sideUnit: '× one thread',
  cpuUnit: 'CPU ms',
  warmUps: 0,
  rounds: 5,
  size: 24,
  quickSize: 8,
  contestants: asTheyCome,
  says: (jobs) =>
    `${jobs} times the primes below ${limit.toLocaleString('en')} with ${inWords(threads)}; beside it how many times as fast as with one, which had its turn just before`,
  targets: [],
  ...rest,
  async begin({ open }) {
    for (const size of new Set([1, threads])) {
      if (pools.has(size)) continue;
      const pool = await open({ threads: size });
      pools.set(size, pool);
      // Before the round, each thread starts and compiles the work.
      await run(pool, size * 8);
    }
  },
  async round(peer, jobs) {
    const alone = await run(pools.get(1), jobs);
    const { time, cpu } = threads === 1 ? alone : await run(pools.get(threads), jobs);
    return { figure: time, cpu, side: alone.time / time, answers: jobs };
  },
});

const inWords = (threads) => (threads === 1 ? 'one thread' : `${threads} threads`);

async function run(peer, jobs) {
  const primes = peer.job('primes');
  const { value, time, cpu } = await measure(() => Promise.all(Array.from({ length: jobs }, () => primes(limit))));
  for (const count of value) equal(count, primesBelow);
  return { time, cpu };
}

export const scaling = [
  row(1, { baseline: onMain, targets: [{ against: onMain, equal: true }] }),
  row(2, {
    targets: [
      { figure: 'side', least: 1.9 },
      { against: 'best peer', equal: true },
    ],
  }),
  row(4, { targets: [{ against: 'best peer', equal: true }] }),
];
