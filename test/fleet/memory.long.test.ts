/** The memory of callers and nodes over many calls and items. @module */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fleet } from 'offloop/fleet';
import type { Fleet } from 'offloop/fleet';
import { hasNats } from '../support/brokers.ts';
import { endNodes, startNode } from '../support/fleet.ts';
import type { TestNode } from '../support/fleet.ts';
import { isFull } from '../support/full.ts';
import { heapInUse } from '../support/heap.ts';
import { natsServer } from '../support/nats-server.ts';
import type { NatsServer } from '../support/nats-server.ts';
import { fixture } from '../support/run.ts';
import * as jobs from '../fixtures/fleet/weighed.mjs';

const many = isFull ? 100_000 : 10_000;
const atOnce = 500;

/** How many bytes each may leave: what is remembered of the last ten thousand calls counts where there are no more. */
const most = isFull ? 20 : 250;

let server: NatsServer;
let node: TestNode;
let pool: Fleet;

beforeAll(async () => {
  if (!hasNats) return;
  server = await natsServer();
  node = await startNode(server.servers, { threads: 2, modules: [fixture('fleet/weighed.mjs')] });
  pool = fleet({ servers: server.servers });
});

afterAll(async () => {
  if (!hasNats) return;
  await pool.close();
  await endNodes();
  await server.stop();
});

/** The bytes in use at the caller, and at the node. */
async function weigh(): Promise<{ readonly caller: number; readonly node: number }> {
  const times = node.log.filter(({ event }) => event === 'heap').length;
  process.kill(node.pid, 'SIGUSR2');
  const { used } = await node.heard('heap', times + 1);
  return { caller: await heapInUse(), node: Number(used) };
}

async function call(times: number): Promise<void> {
  for (let made = 0; made < times; made += atOnce) {
    const sums = Array.from({ length: atOnce }, async (_, i) => jobs.add.with({ pool })(made, i));
    // So many at once, and then the next ones.
    // oxlint-disable-next-line no-await-in-loop
    expect(await Promise.all(sums)).toEqual(Array.from({ length: atOnce }, (_, i) => made + i));
  }
}

/** Half of the items are those of one iterator, the rest those of iterators of a hundred items each. */
async function iterate(times: number): Promise<void> {
  for (const size of [times / 2, ...Array.from({ length: times / 200 }, () => 100)]) {
    let next = 0;
    // One iterator after the other.
    // oxlint-disable-next-line no-await-in-loop
    for await (const { i } of jobs.count.with({ pool })(size)) {
      if (i !== next) throw new Error(`Got ${i} instead of ${next}`);
      next += 1;
    }
    if (next !== size) throw new Error(`Got ${next} items of ${size}`);
  }
}

const isFlat = (bytes: number): boolean => bytes < most;

describe.runIf(hasNats)('the memory of a caller and of its node', () => {
  test.each([
    ['calls', call],
    ['items', iterate],
  ])(
    'is flat over many %s',
    async (_, run) => {
      // What is remembered of calls that are over reaches its bound, and code is compiled.
      await run(isFull ? 10_000 : 2000);
      const before = await weigh();
      await run(many);
      const after = await weigh();

      const grown = { caller: (after.caller - before.caller) / many, node: (after.node - before.node) / many };
      expect(grown).toEqual({ caller: expect.toSatisfy(isFlat), node: expect.toSatisfy(isFlat) });
    },
    120_000,
  );
});
