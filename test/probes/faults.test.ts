/** What does not hold yet. @module */

import { ThreadPool } from 'offloop';
import { expect, test } from 'vitest';
import * as jobs from '../fixtures/jobs/probing.mjs';
import { gate, open, reaches } from '../support/gate.ts';

/** A pool whose only thread is free, as far as the main side can tell, has done its share, and does not answer. */
async function turning(it: Int32Array): Promise<ThreadPool> {
  const pool = new ThreadPool({ size: 1, maxTasksPerThread: 1 });
  await jobs.blocksAfter.with({ pool })(it);
  await reaches(it, 1, 1);
  return pool;
}

// The next thread takes over by taking back what was sent, also what moved and is not there any more.
test('a call whose memory moved is not sent twice when its thread is replaced', async () => {
  const it = gate();
  await using pool = await turning(it);
  const bytes = new Uint8Array(8);

  expect(await jobs.sizes.with({ pool, transfer: [bytes.buffer] })(bytes)).toEqual([8]);
  open(it);
});

// As above: large arguments were sent without a copy, and are sent again as they are by then.
test('a call is given its large arguments as they were when its thread is replaced', async () => {
  const it = gate();
  await using pool = await turning(it);
  const large = Array.from({ length: 1000 }, (_, i) => ({ i }));
  const call = jobs.sizeOf.with({ pool })(large);
  large.length = 1;

  expect(await call).toBe(1000);
  open(it);
});
