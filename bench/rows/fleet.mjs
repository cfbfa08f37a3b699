/** Calls on nodes of a fleet, beside bare requests over NATS. @module */

import { equal } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { bareQueue, bareRequests, idealTime, nodesOfFleet, oneNode } from '../contestants.mjs';
import { lead, measure } from '../measure.mjs';

const row = (name, rest) => ({
  name,
  unit: 'µs',
  cpuUnit: 'CPU µs a call',
  rounds: 7,
  baseline: bareRequests,
  contestants: nodesOfFleet.calls,
  targets: [],
  ...rest,
});

/** Times of calls, from 5 to 99 milliseconds, the same each time. */
const unevenTimes = (count) => Array.from({ length: count }, (_, i) => 5 + ((i * 7919) % 95));

const rows = [
  row('one call after the other', {
    size: 300,
    quickSize: 50,
    says: (calls) =>
      `${calls} calls that add two numbers on a node, one after the other, per call; beside a request to a process, and the same work by hand: a queue, a node that pulls, a thread`,
    contestants: nodesOfFleet.series,
    targets: [
      { against: bareRequests, most: 2 },
      { against: bareQueue, most: 1.25 },
    ],
    async round({ add }, calls) {
      const run = async (count) => {
        for (let i = 0; i < count; i += 1) equal(await add(i, 1), i + 1);
      };
      await lead(200, calls, run);
      const { time, cpu } = await measure(() => run(calls));
      return { figure: (time * 1000) / calls, cpu: (cpu * 1000) / calls, answers: calls };
    },
  }),
  row('calls at once', {
    size: 3000,
    quickSize: 300,
    says: (calls) => `${calls} calls that add two numbers on a node with two threads, at once, per call`,
    async round({ add }, calls) {
      const { time, cpu, value } = await measure(() => Promise.all(Array.from({ length: calls }, (_, i) => add(i, 1))));
      for (const [i, sum] of value.entries()) equal(sum, i + 1);
      return { figure: (time * 1000) / calls, cpu: (cpu * 1000) / calls, answers: calls };
    },
  }),
  row('items', {
    size: 100_000,
    quickSize: 5000,
    cpuUnit: 'CPU µs an item',
    says: (items) =>
      `${items.toLocaleString('en')} numbers of a generator on a node, per item; beside one message for each`,
    targets: [{ against: bareRequests, most: 1.2 }],
    async round({ numbers }, items) {
      const { time, cpu, value } = await measure(() => numbers(items));
      equal(value, (items * (items - 1)) / 2);
      return { figure: (time * 1000) / items, cpu: (cpu * 1000) / items, answers: items };
    },
  }),
];

/** How long calls of these `times` take on so many threads, if a free thread has the next call at once. */
function makespan(times, threads) {
  const busy = Array.from({ length: threads }, () => 0);
  for (const time of times) busy[busy.indexOf(Math.min(...busy))] += time;
  return Math.max(...busy);
}

const uneven = {
  name: 'calls of uneven length',
  unit: 'ms',
  cpuUnit: 'CPU ms',
  rounds: 5,
  size: 120,
  quickSize: 30,
  baseline: idealTime,
  contestants: nodesOfFleet.spread,
  says: (calls) =>
    `${calls} calls of 5 to 99 ms on three nodes of two threads each, until the last has returned; beside the time that they take if a free thread has the next call at once`,
  targets: [{ against: idealTime, most: 1.1 }],
  async round({ hold, threads, isIdeal }, calls) {
    const times = unevenTimes(calls);
    if (isIdeal) return { figure: makespan(times, threads), cpu: 0, answers: calls };
    await Promise.all(Array.from({ length: threads }, () => hold(1)));
    const { time, cpu } = await measure(() => Promise.all(times.map((it) => hold(it))));
    return { figure: time, cpu, answers: calls };
  },
};

const two = {
  name: 'one node and two',
  unit: 'ms',
  cpuUnit: 'CPU ms',
  rounds: 5,
  size: 24,
  quickSize: 6,
  baseline: oneNode,
  contestants: nodesOfFleet.two,
  says: (jobs) => `${jobs} times the primes below 100,000, on one node and on two, of one thread each`,
  targets: [{ against: oneNode, most: 0.6 }],
  async round({ primes }, jobs) {
    const { time, cpu, value } = await measure(() => Promise.all(Array.from({ length: jobs }, () => primes(100_000))));
    for (const count of value) equal(count, 9592);
    return { figure: time, cpu, answers: jobs };
  },
};

/** Without a server there are no rows. */
const where = (all) => (spawnSync('nats-server', ['-h']).error === undefined ? all : []);

export const fleet = where(rows);
export const fleetSpread = where([uneven]);
export const fleetNodes = where([two]);
