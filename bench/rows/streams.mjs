/** Items of a generator in a thread, taken by `for await` on main. @module */

import { deepStrictEqual, equal, notEqual } from 'node:assert/strict';
import { threadId } from 'node:worker_threads';
import { batched, inline, posted, proxied, streamers, transferred } from '../contestants.mjs';
import { chunkAt, chunkSize, recordAt } from '../items.mjs';
import { measure } from '../measure.mjs';

/** The kinds of items: whether item `i` is the right one, and a complete check for the last one. */
const number = {
  job: 'numbers',
  isRight: (item, i) => item === i,
  itemAt: (i) => i,
};

const record = {
  job: 'records',
  isRight: ({ id, name, tags, point }, i) => id === i && name.length > 5 && tags.length === 3 && point.x === i,
  itemAt: recordAt,
};

const chunk = {
  job: 'chunks',
  isRight: (item, i) => item.length === chunkSize && item[0] === i % 256 && item[chunkSize - 1] === i % 256,
  itemAt: chunkAt,
};

/** The size of one repetition of a lead-in, as a part of the round. */
const leadInPart = 0.1;

const row = (name, kind, maxSize, rest) => ({
  name,
  unit: 'µs',
  cpuUnit: 'CPU µs an item',
  warmUps: 1,
  rounds: 5,
  contestants: streamers,
  baseline: inline,
  ...rest,
  // The worker hears of taken items once per half of the maximum, so a batch has to fit into half of it.
  can: (peer) => (peer.batch ?? 1) * 2 <= maxSize,
  begin: (peer) => (peer.runsOnMain ? undefined : checkThread(peer, maxSize)),
  async round(peer, count, { leadIn }) {
    const items = (size) => peer.stream(kind.job, maxSize, [size]);
    const start = performance.now();
    do await consume(items(count * leadInPart), kind);
    while (performance.now() - start < leadIn);

    const { value, time, cpu } = await measure(() => consume(items(count), kind));
    equal(value.taken, count, 'There were items too few or too many');
    deepStrictEqual(value.last, kind.itemAt(count - 1));
    return { figure: (time * 1000) / count, cpu: (cpu * 1000) / count, answers: count };
  },
});

async function consume(items, { isRight }) {
  let taken = 0;
  let last;
  for await (const item of await items) {
    if (!isRight(item, taken)) throw new Error(`Item ${taken} is wrong, or out of its order`);
    taken += 1;
    last = item;
  }
  return { taken, last };
}

const blockedAfter = 10;

/** How long the generator blocks if its items do not come, in milliseconds. */
const patience = 2000;

/**
 * The generator runs in another thread. If the peer `showsAtOnce` what was yielded, items must come while the generator
 * blocks after them.
 */
async function checkThread(peer, maxSize) {
  const gate = new Int32Array(new SharedArrayBuffer(8));
  if (!peer.showsAtOnce) Atomics.store(gate, 0, 1);
  let taken = 0;
  for await (const id of await peer.stream('blocking', maxSize, [blockedAfter, gate, patience])) {
    notEqual(id, threadId);
    taken += 1;
    if (peer.showsAtOnce && taken === blockedAfter) {
      equal(Atomics.load(gate, 1), 0, 'An item did not come until the generator went on');
      Atomics.store(gate, 0, 1);
      Atomics.notify(gate, 0);
    }
  }
  equal(taken, blockedAfter);
}

const many = {
  size: 500_000,
  quickSize: 50_000,
  fewer: { [transferred]: 50, [proxied]: 50 },
};
const saysMany = (items) =>
  `${items} items, a fiftieth of it for ${transferred} and ${proxied}, at most 1,024 ahead, per item`;

export const streams = [
  row('stream of numbers', number, 1024, {
    ...many,
    says: saysMany,
    targets: [
      { most: 0.3, below: true },
      { against: transferred, most: 0.02 },
      { against: batched, most: 1.5 },
    ],
  }),
  row('stream of small objects', record, 1024, {
    ...many,
    says: saysMany,
    targets: [{ against: posted, most: 0.5 }],
  }),
  row('stream of numbers, at most 2 ahead', number, 2, {
    size: 20_000,
    quickSize: 2000,
    says: (items) => `${items} items, at most 2 ahead, per item`,
    targets: [{ against: 'best peer', most: 0.25 }],
  }),
  row('stream of 64 KiB chunks', chunk, 128, {
    size: 5000,
    quickSize: 500,
    says: (items) => `${items} new chunks that the generator may keep, so none moves, at most 128 ahead, per chunk`,
    targets: [{ against: 'best peer', most: 1 }],
  }),
];
