/** The one module that every thread of the library runs, pooled and dedicated alike. @module */

import { threadId, workerData } from 'node:worker_threads';
import { keepCompiled } from '../src/base/compile-cache.ts';
import type { LaneOffer } from '../src/wire/offer.ts';
import { dedicatedKey } from '../src/wire/offer.ts';
import type { DedicatedOffer } from '../src/wire/offer.ts';
import { openLane } from '../src/job/open.ts';
import '../src/sync/all.ts';

/** The task that Piscina runs in each thread of a pool: opens the lane, and returns the thread's id. */
export default function attach(offer: LaneOffer): number {
  openLane(offer);
  return threadId;
}

const data: unknown = workerData;
const dedicated = typeof data === 'object' && data !== null && (data as Record<string, unknown>)[dedicatedKey];
if (dedicated) {
  const { lane, preload } = dedicated as DedicatedOffer;
  keepCompiled(lane.compiled);
  const load = openLane(lane);
  if (preload) load(preload);
}
