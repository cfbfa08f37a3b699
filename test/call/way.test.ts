/** The way of a call is short: how many functions of the library are run on it, from one end to the other. @module */

import { MessagePort } from 'node:worker_threads';
import { ThreadPool } from 'offloop';
import { afterAll, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/way.mjs';

const pool = new ThreadPool({ size: 1 });
afterAll(async () => pool.close());

test('from its wrapper to the port a call with a callback takes 11 functions at the most', async () => {
  const call = jobs.calls.with({ pool });
  await call(() => 1);
  // oxlint-disable-next-line typescript/unbound-method
  const { postMessage } = MessagePort.prototype;
  let found = 0;
  MessagePort.prototype.postMessage = function (this: MessagePort, ...args: [unknown]) {
    found = Math.max(found, jobs.steps());
    postMessage.apply(this, args);
  };
  const called = call(() => 1);
  MessagePort.prototype.postMessage = postMessage;

  expect(await called).toBe('function');
  expect(found).toBeGreaterThan(1);
  expect(found).toBeLessThanOrEqual(11);
});

test('a thread that waits for a coroutine is 7 functions from its message and 6 from its own one at the most, and the coroutine 15 from its message', async () => {
  const call = jobs.waits.with({ pool });
  await call();
  const { before, asleep, callback } = await call();

  // From its message, which the port passes without an event, to the function.
  expect(before).toBeLessThanOrEqual(7);
  // From the function to its sleep.
  expect(asleep).toBeGreaterThan(1);
  expect(asleep).toBeLessThanOrEqual(6);
  expect(callback).toBeGreaterThan(1);
  expect(callback).toBeLessThanOrEqual(15);
});
