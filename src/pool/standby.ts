/** Starts a thread for one call. @module */

import { Worker } from 'node:worker_threads';
import type { Address } from '../address/address.ts';
import { outside } from '../context/here.ts';
import { Cell, preloading } from '../lane/messages.ts';
import { dedicatedKey } from '../lane/offer.ts';
import type { DedicatedOffer } from '../lane/offer.ts';
import type { Standby, ThreadEnd } from '../lane/thread-lender.ts';
import { wireEnds } from '../lane/wire.ts';
import { laneModule, startError } from './start.ts';

/**
 * Starts a thread that opens its end of a line and waits for its one call. Meanwhile it loads the module of `preload`.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_BOOT` if it cannot be started; if that shows later, it ends.
 */
export function startStandby(preload?: Address): Standby {
  const { near, far } = wireEnds();
  if (preload) far.control[Cell.preparing] = preloading;
  const worker = outside(() => spawn({ lane: far, preload }));
  const { threadId } = worker;
  let cause: unknown;
  worker.once('error', (error: unknown) => (cause = error));
  const ended = new Promise<ThreadEnd>((resolve) => {
    worker.once('exit', (exitCode) => resolve({ exitCode, threadId, cause }));
  });
  // Nothing waits for it yet.
  worker.unref();
  let isEnding = false;
  return {
    near,
    threadId,
    ended,
    get loading() {
      return Atomics.load(near.control, Cell.preparing) === preloading ? preload?.module.url : undefined;
    },
    terminate() {
      // Each time would add a listener.
      if (!isEnding) void worker.terminate();
      isEnding = true;
    },
    ref: () => worker.ref(),
    unref: () => worker.unref(),
  };
}

function spawn(offer: DedicatedOffer): Worker {
  try {
    return new Worker(laneModule(), {
      name: 'offloop',
      argv: process.argv.slice(2),
      workerData: { [dedicatedKey]: offer },
      transferList: [offer.lane.port],
    });
  } catch (error) {
    throw startError(error);
  }
}
