/** Rows about sources: what an event costs, and what main feels of one that is busy. @module */

import { equal, ok } from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { bareLoop, reading, watched, watching as inThreads } from '../contestants.mjs';
import { lead, measure } from '../measure.mjs';

const row = (format, name) => ({
  name,
  unit: 'µs',
  cpuUnit: 'CPU µs an event',
  rounds: 7,
  size: 200_000,
  quickSize: 10_000,
  contestants: reading,
  baseline: bareLoop,
  says: (count) => `${count} events over a loopback connection from a server in another thread, per event`,
  // Four fifths of the events a second.
  targets: [{ against: bareLoop, most: 1.25 }],
  async round(peer, count, { leadIn }) {
    await lead(leadIn, count, (times) => peer.events(Math.ceil(times), format));
    const { time, cpu, value } = await measure(() => peer.events(count, format));

    equal(value, count);
    return { figure: (time * 1000) / count, cpu: (cpu * 1000) / count, answers: count };
  },
});

const rate = 50_000_000;

const delay = {
  name: 'loop delay, 50 MB/s of lines',
  unit: 'ms',
  sideUnit: 'MB/s',
  cpuUnit: 'CPU µs an event',
  rounds: 5,
  size: 3000,
  quickSize: 500,
  contestants: inThreads,
  baseline: watched,
  says: (time) =>
    `99th percentile of the event-loop delay of main over ${time} ms, while lines of 1,000 bytes come at 50 MB/s; beside it how much of that was parsed`,
  targets: [{ against: watched, most: 0.5 }],
  async round(peer, time) {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    const { cpu, value } = await measure(() => peer.watch(rate, time));
    delay.disable();

    ok(value > 0, 'no events');
    const megabytes = value / time;
    return { figure: delay.percentile(99) / 1e6, side: megabytes, cpu: (cpu * 1000) / value, answers: value };
  },
};

export const events = [row('ndjson', 'lines of JSON'), row('sse', 'server-sent events')];

export const watching = [delay];
