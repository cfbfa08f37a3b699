/** Rows about sources: what an event costs, and what main feels of one that is busy. @module */

import { equal, ok } from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import { bareLoop, reading, watched, watching as inThreads } from '../contestants.mjs';
import { lead, measure, spentOnMain } from '../measure.mjs';

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

const lines = 'while lines of 1,000 bytes come at 50 MB/s; beside it how much of that was parsed';

/** A row about main while events come fast; they come before it begins, so that no start is part of the figures. */
const beside = (row) => ({
  sideUnit: 'MB/s',
  cpuUnit: 'CPU µs an event',
  rounds: 5,
  size: 3000,
  quickSize: 500,
  contestants: inThreads,
  baseline: watched,
  ...row,
  async round(peer, time) {
    const stream = await peer.stream(rate);
    const watch = row.watch();
    const before = stream.count;
    const { cpu } = await measure(() => setTimeout(time));
    const events = stream.count - before;
    const figure = watch(events);
    await stream.close();

    ok(events > 0, 'no events');
    return { figure, side: events / time, cpu: (cpu * 1000) / events, answers: events };
  },
});

const delay = beside({
  name: 'loop delay, 50 MB/s of lines',
  unit: 'ms',
  says: (time) =>
    `99th percentile of the event-loop delay of main over ${time} ms, sampled every 1 ms, which is part of the figure, ${lines}`,
  targets: [{ against: watched, most: 0.5 }],
  watch() {
    const delay = monitorEventLoopDelay({ resolution: 1 });
    delay.enable();
    return () => {
      delay.disable();
      return delay.percentile(99) / 1e6;
    };
  },
});

const share = beside({
  name: 'processor time of main, 50 MB/s of lines',
  unit: 'µs',
  says: (time) => `processor time that main alone spent in ${time} ms, per event, ${lines}`,
  targets: [{ against: watched, most: 0.2 }],
  watch() {
    const before = spentOnMain();
    return (events) => ((spentOnMain() - before) * 1000) / events;
  },
});

export const events = [row('ndjson', 'lines of JSON'), row('sse', 'server-sent events')];

export const watching = [delay, share];
