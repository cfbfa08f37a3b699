/** The common case pays next to nothing: counted from outside, not timed. @module */

import { MessagePort } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { echo } from '../fixtures/jobs/basics.mjs';

let posts = 0;
let clones = 0;
beforeEach(async () => {
  await Promise.all(Array.from({ length: 200 }, async (_, i) => echo(i)));
  const { postMessage } = MessagePort.prototype;
  vi.spyOn(MessagePort.prototype, 'postMessage').mockImplementation(function (this: MessagePort, ...args) {
    posts += 1;
    postMessage.apply(this, args as never);
  });
  const clone = globalThis.structuredClone;
  vi.spyOn(globalThis, 'structuredClone').mockImplementation((...args) => {
    clones += 1;
    return clone(...(args as [unknown])) as never;
  });
  posts = 0;
  clones = 0;
});
afterEach(() => void vi.restoreAllMocks());

test('a call with primitives costs one message', async () => {
  for (let i = 0; i < 100; i += 1) expect(await echo(i, 'text', true, null)).toEqual([i, 'text', true, null]);

  expect({ posts, clones }).toEqual({ posts: 100, clones: 0 });
});

test('a call with a small plain object costs one message', async () => {
  for (let i = 0; i < 100; i += 1) expect(await echo({ i, list: [i] })).toEqual([{ i, list: [i] }]);

  expect({ posts, clones }).toEqual({ posts: 100, clones: 0 });
});

test('a large argument is cloned once, with its message, if a thread is free', async () => {
  const large = Array.from({ length: 1000 }, (_, i) => ({ i }));
  expect(await echo(large)).toEqual([large]);

  expect({ posts, clones }).toEqual({ posts: 1, clones: 0 });
});

test('short calls of one turn share messages', async () => {
  await Promise.all(Array.from({ length: 20_000 }, async (_, i) => echo(i)));

  expect(posts).toBeLessThan(2000);
  expect(clones).toBe(0);
});
