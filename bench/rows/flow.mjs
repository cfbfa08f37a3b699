/** Sources, handlers and sinks beside loops that are written by hand. @module */

import { equal } from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { callsByHand, flowing, flowingInThreads, loops, loopsOnMain } from '../contestants.mjs';
import { lead, measure } from '../measure.mjs';

const row = (name, plan, most) => ({
  name,
  unit: 'µs',
  cpuUnit: 'CPU µs an item',
  rounds: 7,
  size: 200_000,
  quickSize: 20_000,
  contestants: flowing,
  baseline: loops,
  says: (count) =>
    `${count} numbers of an async generator to ${plan.many === 1 ? 'a handler' : `${plan.many} handlers`} that adds one and ${plan.isAsync ? 'an async' : 'a'} sink, per item`,
  targets: [{ against: loops, most }],
  async round({ sum }, count, { leadIn }) {
    await lead(leadIn, count, (times) => sum(times, plan));
    const { time, cpu, value } = await measure(() => sum(count, plan));

    equal(value, plan.many * ((count * (count - 1)) / 2 + count));
    return { figure: (time * 1000) / count, cpu: (cpu * 1000) / count, answers: count };
  },
});

const limit = 30_000;
const primesBelow = 3245;

const heavy = {
  name: 'flow, heavy handler',
  unit: 'ms',
  sideUnit: 'ms of delay',
  cpuUnit: 'CPU ms an item',
  rounds: 5,
  size: 400,
  quickSize: 100,
  contestants: flowingInThreads,
  baseline: loopsOnMain,
  says: (count) =>
    `${count} times the primes below ${limit.toLocaleString('en')}, per item; beside it the 99th percentile of the event-loop delay of main`,
  // The last two hold where nothing else keeps the processors busy; the first one holds anywhere.
  targets: [
    { against: callsByHand, most: 1.1 },
    { against: loopsOnMain, most: 0.55 },
    { figure: 'side', most: 5, below: true },
  ],
  async round({ crunch }, count, { leadIn }) {
    const limits = (times) => Array.from({ length: Math.ceil(times) }, () => limit);
    await lead(leadIn, count, async (times) => crunch(limits(times), primesBelow));
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const { time, cpu, value } = await measure(() => crunch(limits(count), primesBelow));
    delay.disable();

    equal(value, count);
    return { figure: time / count, cpu: cpu / count, side: delay.percentile(99) / 1e6, answers: count };
  },
};

export const flows = [
  row('flow, plain sink', { many: 1, isAsync: false }, 1.2),
  row('flow, async sink', { many: 1, isAsync: true }, 1.5),
  row('flow, two handlers', { many: 2, isAsync: true }, 3),
];

/** A group of its own: a contestant is opened once for all rows of its group, and this one has threads. */
export const flowsInThreads = [heavy];
