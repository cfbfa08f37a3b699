/** Starts a thread for one call. @module */

import { Worker } from 'node:worker_threads';
import type { WorkerOptions } from 'node:worker_threads';
import type { Address } from '../address/address.ts';
import { makeViewAhead } from '../address/make-view-ahead.ts';
import { after } from '../base/clock.ts';
import { configuration } from '../base/config.ts';
import { outside } from '../context/here.ts';
import { Promise } from '../base/intrinsics.ts';
import { LaneWord, preloading } from '../wire/control.ts';
import { dedicatedKey } from '../wire/offer.ts';
import type { DedicatedOffer } from '../wire/offer.ts';
import type { Standby } from '../wire/thread-source.ts';
import type { ThreadEnd, ThreadEndReason } from '../wire/thread-end.ts';
import { wireEnds } from '../wire/wire.ts';
import { bare } from '../base/options.ts';
import { endReason, Life } from './life.ts';
import { checkStart, laneModule, lateError, startError } from './start.ts';

const life = new Life();

/** How a thread for one call is started. */
export interface StandbyOptions {
  /** Where the function is whose module it loads meanwhile. */
  readonly preload?: Address | undefined;

  /** What `process.argv` has there, after the first two. @defaultValue what it has here */
  readonly argv?: readonly string[] | undefined;

  /** Called once, when it is told to end. */
  readonly onEnding?: (ended: Promise<ThreadEnd>) => void;
}

/**
 * Starts a thread that opens its end of a line and waits for its one call.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_BOOT` if it cannot be started; if that shows later, it ends. `ERR_OFFLOOP_REENTRY` in
 * a thread that loads a module.
 */
export function startStandby(given: StandbyOptions): Standby {
  const { preload, argv = process.argv.slice(2), onEnding } = bare(given);
  checkStart();
  const { near, far } = wireEnds();
  if (preload) far.control[LaneWord.preparing] = preloading;
  const worker = outside(() => spawn({ lane: far, preload }, argv));
  makeViewAhead();
  const { threadId } = worker;
  let cause: unknown;
  worker.once('error', (error: unknown) => (cause = error));
  const facts = { threadId, number: undefined };
  let isStarted = false;
  let reason: ThreadEndReason | undefined;
  worker.once('online', () => {
    isStarted = true;
    life.started(facts);
  });
  const { startTimeout } = configuration;
  const limit = after(startTimeout, () => {
    if (Atomics.load(near.control, LaneWord.isOpen) === 1) return;
    cause = lateError(startTimeout);
    void worker.terminate();
  });
  const ended = new Promise<ThreadEnd>((resolve) => {
    worker.once('exit', (exitCode) => {
      limit.cancel();
      const end = { exitCode, threadId, cause };
      resolve(end);
      const isDiscarded = Atomics.load(near.control, LaneWord.discarded) !== 0;
      if (isStarted) life.ended(facts, endReason(reason, end, isDiscarded), end);
    });
  });
  // Nothing waits for it yet.
  worker.unref();
  return {
    near,
    threadId,
    ended,
    get loading() {
      return Atomics.load(near.control, LaneWord.preparing) === preloading ? preload?.module.url : undefined;
    },
    terminate(why) {
      // Each time would add a listener.
      if (reason) return;
      reason = why;
      void worker.terminate();
      onEnding?.(ended);
    },
    ref: () => worker.ref(),
    unref: () => worker.unref(),
  };
}

function spawn(offer: DedicatedOffer, argv: readonly string[]): Worker {
  try {
    const options = bare<WorkerOptions>({
      name: 'offloop',
      argv: [...argv],
      workerData: { [dedicatedKey]: offer },
      transferList: [offer.lane.port],
    });
    return new Worker(laneModule(), options);
  } catch (error) {
    throw startError(error);
  }
}
