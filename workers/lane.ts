/** The one module that every thread of the library runs, pooled and dedicated alike. @module */

import { threadId, workerData } from 'node:worker_threads';
import type { Address } from '../src/address/address.ts';
import { find } from '../src/address/find.ts';
import { Cell, preloading } from '../src/lane/messages.ts';
import type { LaneOffer } from '../src/lane/messages.ts';
import { dedicatedKey } from '../src/lane/offer.ts';
import type { DedicatedOffer } from '../src/lane/offer.ts';
import { openLane } from '../src/lane/open.ts';
import '../src/sync/all.ts';

/** Piscina's task for a thread of a pool: opens the lane, and says in which thread. */
export default function attach(offer: LaneOffer): number {
  openLane(offer);
  return threadId;
}

/** Loads a module for a call that may come. What fails now fails again for the call, which is told. */
async function preloaded(address: Address, { control }: LaneOffer): Promise<void> {
  await find(address).catch(() => undefined);
  // The call may have come, and wait for it.
  Atomics.compareExchange(control, Cell.preparing, preloading, 0);
}

const data: unknown = workerData;
const dedicated = typeof data === 'object' && data !== null && (data as Record<string, unknown>)[dedicatedKey];
if (dedicated) {
  const { lane, preload } = dedicated as DedicatedOffer;
  openLane(lane);
  if (preload) void preloaded(preload, lane);
}
