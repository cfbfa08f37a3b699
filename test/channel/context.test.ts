/** In which context the callbacks of a generator run: in that of the call, whoever asks for items. @module */

import { AsyncLocalStorage } from 'node:async_hooks';
import { ThreadPool } from 'offloop';
import { expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/generators.mjs';

test('each step and finally ask in the context of the call', async () => {
  const storage = new AsyncLocalStorage<string>();
  const asked: unknown[] = [];
  const ask = (what: unknown): unknown => {
    asked.push([what, storage.getStore()]);
    return what;
  };
  const iterator = storage.run('the call', () => jobs.asks(ask));

  const first = await storage.run('another', async () => iterator.next());
  const second = await iterator.next();
  await storage.run('the end', async () => iterator.close());

  expect([first.value, second.value]).toEqual([0, 1]);
  expect(asked.at(-1)).toEqual(['finally', 'the call']);
  expect(asked.every((each) => (each as unknown[])[1] === 'the call')).toBe(true);
});

test('who asks for items stays in a context of his own', async () => {
  const storage = new AsyncLocalStorage<number>();
  await using pool = new ThreadPool({ size: 2 });
  const sums = await Promise.all(
    [1, 2, 3].map(async (id) =>
      storage.run(id, async () => {
        for await (const _ of jobs.count.with({ pool, maxSize: 2 })(50)) expect(storage.getStore()).toBe(id);
        return storage.getStore();
      }),
    ),
  );

  expect(sums).toEqual([1, 2, 3]);
});

test('an iterator in a thread runs there and then', async () => {
  expect(await jobs.countsInside(5)).toEqual([[0, 1, 2, 3, 4], true, [0, 1]]);
});
