/** Stores that are no `AsyncLocalStorage`, and values that leave something behind when they are restored. @module */

import { ThreadPool } from 'offloop';
import { expect, test } from 'vitest';
import { entering, see, simple } from '../fixtures/jobs/stores.mjs';

const burst = async (pool: ThreadPool): Promise<unknown[]> =>
  Promise.all(Array.from({ length: 20 }, async () => see.with({ pool })()));

test('a store whose value lasts as long as its `run` is there in each call', async () => {
  await using pool = new ThreadPool({ size: 1 });

  for (const value of ['a', 'b']) {
    const seen = await simple.run(value, async () => burst(pool));
    expect(seen).toEqual(Array.from({ length: 20 }, () => [value, undefined, undefined]));
  }
  expect(await burst(pool)).toEqual(Array.from({ length: 20 }, () => [undefined, undefined, undefined]));
});

test('what `deserialize` enters is not there in calls of another context', async () => {
  await using pool = new ThreadPool({ size: 1 });
  await see.with({ pool })();
  const [seen] = await entering.run('mine', async () => burst(pool));

  expect((seen as unknown[]).slice(0, 2)).toEqual([undefined, 'mine']);
  expect(await burst(pool)).toEqual(Array.from({ length: 20 }, () => [undefined, undefined, undefined]));
});
