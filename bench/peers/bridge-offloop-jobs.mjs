/** A function that asks main again and again; its thread imports this module too. @module */

import { threadId } from 'node:worker_threads';
import { syncWaitCoroutine, threaded } from 'offloop';

/** Blocks for `count` answers of `ask`; gives the milliseconds that they took, and its thread. */
export const trips = threaded(function trips(count, ask) {
  const begin = performance.now();
  for (let i = 0; i < count; i += 1) if (syncWaitCoroutine(ask, i) !== i + 1) throw new Error(`Answer ${i} is wrong`);
  return { time: performance.now() - begin, threadId };
});
