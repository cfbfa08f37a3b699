/** Messages taken off a port, of which one cannot be read. @module */

import { once } from 'node:events';
import { MessageChannel, Worker } from 'node:worker_threads';
import { expect, test } from 'vitest';
import { takeAll } from '../../src/codec/take-all.ts';

/** Sends arrays in each other that are too deep for the stack of main. */
const sender = `
  const { workerData } = require('node:worker_threads');
  let deep = [];
  for (let i = 0; i < 30_000; i += 1) deep = [deep];
  for (const message of ['before', deep, 'after']) workerData.postMessage(message);
`;

test('those before and after it are received in order, and it is told of once', async () => {
  const { port1, port2 } = new MessageChannel();
  const options = { workerData: port2, transferList: [port2], resourceLimits: { stackSizeMb: 16 } };
  await once(new Worker(sender, { eval: true, ...options }), 'exit');
  const seen: unknown[] = [];
  const take = (): boolean =>
    takeAll(
      port1,
      (message) => seen.push(message),
      (error) => seen.push((error as Error).name),
    );

  expect([take(), take()]).toEqual([true, false]);
  expect(seen).toEqual(['before', 'RangeError', 'after']);
  port1.close();
});
