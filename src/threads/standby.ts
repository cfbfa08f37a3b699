/** Starts a dedicated thread. @module */

import { Worker } from 'node:worker_threads';
import type { WorkerOptions } from 'node:worker_threads';
import type { Address } from '../address/address.ts';
import { makeViewAhead } from '../address/load/make-view-ahead.ts';
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
import { endBetweenSections } from './sections.ts';
import { checkStart, laneModule, lateError, startError } from './start.ts';

const life = new Life();

/** How a dedicated thread is started. */
export interface StandbyOptions {
  /** The address of a function whose module the thread loads while it waits. */
  readonly preload?: Address | undefined;

  /** The elements of `process.argv` in the thread after the first two. @defaultValue those of this thread */
  readonly argv?: readonly string[] | undefined;

  /** Called once, when the thread is told to end. */
  readonly onEnding?: (ended: Promise<ThreadEnd>) => void;
}

/**
 * Starts a thread that opens its end of a lane and waits for calls.
 *
 * @throws {OffloopError} `ERR_OFFLOOP_BOOT` if the thread cannot be constructed; one that fails later ends.
 * @throws {OffloopError} `ERR_OFFLOOP_REENTRY` in a thread that is loading a module.
 */
export function startStandby(given: StandbyOptions): Standby {
  const { preload, argv = process.argv.slice(2), onEnding } = bare(given);
  checkStart();
  const { near, far } = wireEnds();
  let isGone = false;
  near.port.once('close', () => (isGone = true));
  if (preload) far.control[LaneWord.preparing] = preloading;
  const worker = outside(() => spawn({ lane: far, preload }, argv));
  endBetweenSections(worker);
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
  // No call waits for the thread yet.
  worker.unref();
  return {
    near,
    threadId,
    ended,
    get isGone() {
      return isGone;
    },
    get loading() {
      return Atomics.load(near.control, LaneWord.preparing) === preloading ? preload?.module.url : undefined;
    },
    terminate(why) {
      // Each call of `worker.terminate` would add a listener.
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
