/** The places of objects, from the first one on: no other test may have started an object here. @module */

import { configure } from 'offloop';
import { expect, test } from 'vitest';
import { Sorter } from '../fixtures/objects/sorter.mjs';

test('objects that were started before any had to wait count among the maxWorkers', async () => {
  configure({ maxWorkers: 2 });
  const late = Sorter.with({ queueTimeout: 20 });
  const full = { code: 'ERR_OFFLOOP_QUEUE_TIMEOUT' };
  const [first, second] = await Promise.all([Sorter.start(), Sorter.start()]);

  await expect(late.start()).rejects.toMatchObject(full);
  await first.release();
  const third = await Sorter.start();
  await expect(late.start()).rejects.toMatchObject(full);
  await Promise.all([second.release(), third.release()]);
});
