/** Rows about calls in programs that make few of them: each round is a process whose threads have just started. @module */

import { equal } from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { besideBusyOnes } from '../busy.mjs';
import { asTheyCome, bare, threads } from '../contestants.mjs';
import { measure, spent } from '../measure.mjs';
import { quartiles } from '../statistics.mjs';

/** How long a process rests after the first calls, so that the start of its threads is not measured. */
const rest = 200;

/** The pause between calls of a program that makes few, in milliseconds. */
const pause = 5;

/** Opens the contestant, whose threads then run; gives its job `add`. */
export async function opened(open) {
  const peer = await open();
  const where = peer.job('where');
  await Promise.all(Array.from({ length: threads }, () => where()));
  await setTimeout(rest);
  return peer;
}

/** Makes `calls` calls from the number `from` on, each awaited before the next. */
async function inSeries(add, calls, from = 0) {
  for (let i = from; i < from + calls; i += 1) equal(await add(i, 1), i + 1);
}

const row = (name, rest) => ({
  name,
  unit: 'µs',
  warmUps: 0,
  rounds: 9,
  contestants: asTheyCome,
  targets: [
    { against: bare, most: 1.15 },
    { against: 'best library', most: 1 },
  ],
  ...rest,
});

const first = {
  size: 100,
  quickSize: 100,
  says: (calls) => `the first ${calls} calls of a process, each awaited before the next, per call`,
  async fresh(open, calls) {
    const add = (await opened(open)).job('add');
    const { time, cpu } = await measure(() => inSeries(add, calls));
    return { figure: (time * 1000) / calls, cpu: (cpu * 1000) / calls, answers: calls };
  },
};

const next = {
  size: 400,
  quickSize: 400,
  says: (calls) => `the ${calls} calls after the first 100 of a process, each awaited before the next, per call`,
  async fresh(open, calls) {
    const add = (await opened(open)).job('add');
    await inSeries(add, first.size);
    const { time, cpu } = await measure(() => inSeries(add, calls, first.size));
    return { figure: (time * 1000) / calls, cpu: (cpu * 1000) / calls, answers: calls };
  },
};

const sparse = {
  sideUnit: 'p99, µs',
  size: 400,
  quickSize: 100,
  targets: [
    { against: bare, most: 1.15 },
    { against: 'best library', most: 1 },
    { figure: 'side', against: bare, most: 1.15 },
    { figure: 'side', against: 'best library', most: 1 },
    { figure: 'cpu', against: bare, most: 1.15 },
    { figure: 'cpu', against: 'best library', most: 1 },
  ],
  says: (calls) => `${calls} calls of a process that makes one each ${pause} ms; the median, and the 99th percentile`,
  async fresh(open, calls) {
    const add = (await opened(open)).job('add');
    const times = [];
    const before = spent();
    for (let i = 0; i < calls; i += 1) {
      await setTimeout(pause);
      const begin = performance.now();
      const answer = await add(i, 1);
      times.push(performance.now() - begin);
      equal(answer, i + 1);
    }
    const cpu = spent() - before;
    const side = times.toSorted((a, b) => a - b)[Math.floor(calls * 0.99)] * 1000;
    return { figure: quartiles(times).middle * 1000, cpu: (cpu * 1000) / calls, side, answers: calls };
  },
};

const width = 64;
const bursts = {
  size: 100,
  quickSize: 30,
  targets: [
    { against: bare, most: 1.5 },
    { against: 'best library', most: 1 },
  ],
  says: (times) => `${times} times ${width} calls at once, one time each ${pause} ms; the median, per call`,
  async fresh(open, times) {
    const add = (await opened(open)).job('add');
    const taken = [];
    const before = spent();
    for (let n = 0; n < times; n += 1) {
      await setTimeout(pause);
      const begin = performance.now();
      const answers = await Promise.all(Array.from({ length: width }, (_, i) => add(i, n)));
      taken.push(performance.now() - begin);
      answers.forEach((answer, i) => equal(answer, i + n));
    }
    const answers = times * width;
    return { figure: (quartiles(taken).middle * 1000) / width, cpu: ((spent() - before) * 1000) / answers, answers };
  },
};

export const cold = [
  row('first 100 calls', first),
  row('next 400 calls', next),
  row('a call each 5 ms', sparse),
  row('64 calls at once each 5 ms', bursts),
];

/** The rows of {@link cold} in which a busy process for each processor takes part. */
const beside = ({ name, fresh, says, targets, ...rest }) => ({
  ...rest,
  name: `${name}, beside busy processes`,
  targets: targets.filter(({ figure = 'figure' }) => figure === 'figure'),
  says: (size) => `${says(size)}; beside one busy process per processor`,
  fresh: (open, size) => besideBusyOnes(() => fresh(open, size)),
});

export const besideOthers = cold.map(beside);
