/** A look at what is on a port is for a call that arrives alone; in a message of many each has a resource of its own. @module */

import { ThreadPool } from 'offloop';
import { afterAll, expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/symbols.mjs';

const pool = new ThreadPool({ size: 1 });
afterAll(async () => pool.close());

test('1,000 calls of one turn take less than a look for ten of them', async () => {
  const add = jobs.add.with({ pool });
  const looked = jobs.looked.with({ pool });
  // Until the function is known to take microseconds, its calls are sent one by one.
  for (let i = 0; i < 20; i += 1) await add(i, 1);
  const before = await looked();
  await Promise.all(Array.from({ length: 1000 }, async (_, i) => add(i, 1)));

  expect((await looked()) - before).toBeLessThan(100);
});
