/** Rows about the memory of an idle thread, and about memory that calls, items and pools leave behind. @module */

import { equal } from 'node:assert/strict';
import { setTimeout } from 'node:timers/promises';
import { asTheyCome, bare, batched, own, piscina, streamers } from '../contestants.mjs';

const MiB = 1024 ** 2;

/** How long threads may take until each has had a job, in milliseconds: on a busy machine some take seconds to start. */
const longestWarmUp = 20_000;

/** How many threads are added, to measure the memory of one. */
const added = 4;

/** How many calls are outstanding at once, and after which part of all calls the memory is measured first. */
const burst = 10_000;
const firstPart = 0.01;

const flatness = {
  unit: '× of itself',
  sideUnit: '× of its process',
  rounds: 3,
  warmUps: 0,
  targets: [{ most: 1.1, below: true }],
};

export const memory = [
  {
    name: 'memory of an idle thread',
    unit: 'MiB',
    warmUps: 0,
    rounds: 5,
    size: added,
    quickSize: added,
    contestants: asTheyCome,
    says: (threads) =>
      `what ${threads} more threads add to the memory of the process, each after its first job, per thread`,
    targets: [{ against: bare, most: 1.1 }],
    async fresh(open, threads) {
      // The first threads load what is loaded once, whatever the number of threads.
      const first = await open({ threads: 1 });
      await warm(first, 1);
      const before = (await settled()).resident;
      const second = await open({ threads });
      await warm(second, threads);
      const after = (await settled()).resident;
      // Check that the threads still work: a collected pool might have ended them.
      await Promise.all([warm(first, 1), warm(second, threads)]);
      return { figure: (after - before) / MiB / threads };
    },
  },
  {
    name: "main's memory per pool",
    unit: 'KiB',
    warmUps: 0,
    rounds: 5,
    size: 16,
    quickSize: 8,
    contestants: asTheyCome,
    targets: [],
    says: (pools) =>
      `what ${pools} more pools of one thread, each after its first job, add to what main's heap has in use, per pool`,
    async fresh(open, pools) {
      // The first pools load and compile what later ones share.
      const opened = [await open({ threads: 1 }), await open({ threads: 1 })];
      for (const peer of opened) await warm(peer, 1);
      await setTimeout(500);
      const before = (await settled()).used;
      for (let i = 0; i < pools; i += 1) {
        opened.push(await open({ threads: 1 }));
        await warm(opened.at(-1), 1);
      }
      const after = (await settled()).used;
      await Promise.all(opened.map((peer) => warm(peer, 1)));
      return { figure: (after - before) / 1024 / pools };
    },
  },
  {
    ...flatness,
    name: 'memory after calls',
    size: 1_000_000,
    quickSize: 100_000,
    contestants: asTheyCome.filter(({ name }) => name === bare || name === own),
    says: (calls) =>
      `what main's heap has in use after ${calls} calls, against itself after a hundredth of them; beside it the process with its threads`,
    async fresh(open, calls) {
      const add = (await open()).job('add');
      return flat(calls, burst, async (count) => {
        const answers = await Promise.all(Array.from({ length: count }, (_, i) => add(i, 1)));
        answers.forEach((answer, i) => equal(answer, i + 1));
      });
    },
  },
  {
    ...flatness,
    name: 'memory after items',
    size: 10_000_000,
    quickSize: 1_000_000,
    contestants: streamers.filter(({ name }) => name === batched || name === own),
    says: (items) =>
      `what main's heap has in use after ${items} numbers of iterators, against itself after a hundredth of them; beside it the process with its threads`,
    async fresh(open, items) {
      const peer = await open();
      return flat(items, items * firstPart, async (count) => {
        let taken = 0;
        for await (const item of await peer.stream('numbers', 1024, [count])) {
          if (item !== taken) throw new Error(`Item ${taken} is wrong, or out of its order`);
          taken += 1;
        }
        equal(taken, count);
      });
    },
  },
  {
    ...flatness,
    name: 'memory after pools',
    sideUnit: undefined,
    size: 80,
    quickSize: 20,
    contestants: asTheyCome.filter(({ name }) => [bare, piscina, own].includes(name)),
    says: (pools) =>
      `what the process has resident after ${pools} pools of one thread that had a call each and were closed, one after the other, against itself after a quarter of them; nothing is collected but when the engine does so itself`,
    async fresh(open, pools) {
      let first;
      for (let done = 0; done < pools; done += 1) {
        if (done === pools / 4) first = process.memoryUsage.rss();
        const peer = await open({ threads: 1 });
        equal(await peer.job('add')(done, 1), done + 1);
        await peer.close();
      }
      return { figure: process.memoryUsage.rss() / first, answers: pools };
    },
  },
];

/**
 * Does `work` by `step` until there were `size`; gives the used heap of main at the end, relative to that after the
 * first part of it. The process as a whole also grows by the room that the engine gives to young objects.
 */
async function flat(size, step, work) {
  let first;
  for (let done = 0; done < size; done += step) {
    if (done >= size * firstPart) first ??= await settled();
    await work(step);
  }
  const last = await settled();
  return { figure: last.used / first.used, side: last.resident / first.resident, answers: size };
}

/** Gives each thread a job, because a pool may start its threads only when there is work. */
async function warm(peer, threads) {
  const spin = peer.job('spin');
  const seen = new Set();
  const end = performance.now() + longestWarmUp;
  while (seen.size < threads && performance.now() < end) {
    const ids = await Promise.all(Array.from({ length: threads }, () => spin(10)));
    for (const id of ids) seen.add(id);
  }
  equal(seen.size, threads, 'Not all threads had work');
}

/** The memory of the process with all its threads, and the used heap of main, in bytes, after a full collection. */
async function settled() {
  for (let i = 0; i < 3; i += 1) {
    globalThis.gc();
    await setTimeout(50);
  }
  const { rss, heapUsed, external } = process.memoryUsage();
  return { resident: rss, used: heapUsed + external };
}
