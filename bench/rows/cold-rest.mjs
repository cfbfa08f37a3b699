/** Rows about what is rare or short: waits, bytes, items and threads of processes that have just started. @module */

import { equal } from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { asTheyCome, posted, proxied, streamers } from '../contestants.mjs';
import { measure, spent } from '../measure.mjs';
import { quartiles } from '../statistics.mjs';
import { waiting } from './bridge.mjs';
import { opened } from './cold.mjs';

const fresh = { unit: 'µs', warmUps: 0, rounds: 9 };

const waits = (name, from, size) => ({
  ...fresh,
  name,
  size,
  quickSize: size,
  contestants: waiting.contestants,
  targets: [{ against: waiting.bare, most: 1 }],
  says: (trips) => `a function in a thread blocks for ${trips} answers of main, after ${from} others, per trip`,
  async fresh(open, trips) {
    const peer = await open();
    await peer.trips(1);
    await setTimeout(pauseOfBytes);
    if (from > 0) await peer.trips(from);
    const { value, cpu } = await measure(() => peer.trips(trips));
    return { figure: (value.time * 1000) / trips, cpu: (cpu * 1000) / trips, answers: trips };
  },
});

export const coldWaits = [waits('first 100 blocking calls', 0, 100), waits('next 400 blocking calls', 100, 400)];

const KiB = 1024;
const pauseOfBytes = 20;

const bytes = (name, length) => ({
  ...fresh,
  name: `${name} each ${pauseOfBytes} ms`,
  size: 40,
  quickSize: 20,
  contestants: asTheyCome,
  targets: [{ against: 'best peer', most: 1.1 }],
  says: (calls) => `${calls} times there and back, one time each ${pauseOfBytes} ms; the median`,
  async fresh(open, calls) {
    const stamp = (await opened(open)).job('stamp');
    const sent = new Uint8Array(length).fill(7);
    const times = [];
    const before = spent();
    for (let i = 0; i < calls; i += 1) {
      await setTimeout(pauseOfBytes);
      const begin = performance.now();
      const answer = await stamp(sent);
      times.push(performance.now() - begin);
      equal(answer.length, length);
      equal(answer[0], 8, 'The array has not been in the thread');
    }
    return { figure: quartiles(times).middle * 1000, cpu: ((spent() - before) * 1000) / calls, answers: calls };
  },
});

export const coldBytes = [bytes('64 KiB', 64 * KiB), bytes('1 MiB', KiB * KiB)];

const itemTargets = [
  { against: posted, most: 1.15 },
  { against: proxied, most: 1 },
];

async function consume(items, count) {
  let taken = 0;
  for await (const item of await items) equal(item, taken++);
  equal(taken, count);
}

const few = 10;
const pause = 5;

export const coldItems = [
  {
    ...fresh,
    name: 'first 1,000 items',
    size: 1000,
    quickSize: 1000,
    contestants: streamers.filter(({ batch }) => batch === undefined),
    targets: itemTargets,
    says: (items) => `the first ${items} items of a process, at most 1,024 ahead, per item`,
    async fresh(open, count) {
      const peer = await open();
      await consume(peer.stream('numbers', 1024, [1]), 1);
      await setTimeout(pauseOfBytes);
      const { time, cpu } = await measure(() => consume(peer.stream('numbers', 1024, [count]), count));
      return { figure: (time * 1000) / count, cpu: (cpu * 1000) / count, answers: count };
    },
  },
  {
    ...fresh,
    name: `an iterator of ${few} items each ${pause} ms`,
    size: 100,
    quickSize: 50,
    contestants: streamers.filter(({ batch }) => batch === undefined),
    targets: itemTargets,
    says: (iterators) => `${iterators} iterators of ${few} items, one each ${pause} ms; the median, per item`,
    async fresh(open, iterators) {
      const peer = await open();
      await consume(peer.stream('numbers', 1024, [1]), 1);
      const times = [];
      const before = spent();
      for (let n = 0; n < iterators; n += 1) {
        await setTimeout(pause);
        const begin = performance.now();
        await consume(peer.stream('numbers', 1024, [few]), few);
        times.push(performance.now() - begin);
      }
      const answers = iterators * few;
      return { figure: (quartiles(times).middle * 1000) / few, cpu: ((spent() - before) * 1000) / answers, answers };
    },
  },
];

export const newThreads = [
  {
    name: 'first result of a new thread',
    unit: 'ms',
    warmUps: 0,
    rounds: 9,
    size: 5,
    quickSize: 3,
    contestants: asTheyCome,
    targets: [{ against: 'best peer', most: 1.3 }],
    says: (pools) =>
      `${pools} times a pool of one thread and its first call, in a process that had one; the median of all`,
    async fresh(open, pools) {
      const first = await open({ threads: 1 });
      equal(await first.job('add')(1, 2), 3);
      await first.close();
      const times = [];
      for (let n = 0; n < pools; n += 1) {
        const begin = performance.now();
        const peer = await open({ threads: 1 });
        equal(await peer.job('add')(n, 2), n + 2);
        times.push(performance.now() - begin);
        await peer.close();
      }
      return { figure: quartiles(times).middle, answers: pools };
    },
  },
];
