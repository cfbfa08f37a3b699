/** Calls on nodes of a fleet, beside bare requests over NATS. @module */

import { equal } from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { bareRequests, idealTime, nodesOfFleet, oneNode } from '../contestants.mjs';
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
    says: (calls) => `${calls} calls that add two numbers on a node, one after the other, per call`,
    targets: [{ against: bareRequests, most: 2 }],
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

const uneven = {
  name: 'calls of uneven length',
  unit: 'ms',
  cpuUnit: 'CPU ms',
  rounds: 5,
  size: 80,
  quickSize: 20,
  baseline: idealTime,
  contestants: nodesOfFleet.spread,
  says: (calls) =>
    `${calls} calls of 5 to 99 ms on two nodes of two threads each, until the last has returned; beside the time that they take if no thread is ever idle`,
  targets: [{ against: idealTime, most: 1.1 }],
  async round({ hold, threads, isIdeal }, calls) {
    const times = unevenTimes(calls);
    if (isIdeal) return { figure: times.reduce((one, other) => one + other) / threads, cpu: 0, answers: calls };
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
