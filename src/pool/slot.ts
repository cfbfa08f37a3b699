/** The places of a pool, one a thread. @module */

import type { Call } from '../lane/call.ts';
import { shortCost } from '../lane/cost.ts';
import type { Lane } from '../lane/lane.ts';
import { CallQueue } from './queue.ts';
import type { Thread } from './threads.ts';

/** One place: a lane, and the thread behind it once it has started. */
export interface Slot {
  /** The keyed calls that wait for this very thread. */
  readonly keyed: CallQueue;
  lane: Lane | undefined;
  thread: Thread | undefined;

  /** The thread is to be replaced once it is free: what it loaded is stale. */
  isStale: boolean;

  /** The thread has been told to end and takes no more calls. */
  isEnding: boolean;
}

/** A place without a thread. */
export function emptySlot(): Slot {
  return { keyed: new CallQueue(), lane: undefined, thread: undefined, isStale: false, isEnding: false };
}

/** Whether a call can be sent at once. */
export function isFree({ lane, thread, isEnding }: Slot): boolean {
  return thread !== undefined && lane?.load === 0 && !isEnding;
}

/** Whether a call runs in its thread, and the thread will have time for another one only after it. */
export function isBusy({ lane, thread, isEnding }: Slot): boolean {
  return thread !== undefined && lane !== undefined && lane.load > 0 && !isEnding;
}

/** How many short calls a lane is given at the most, and how many milliseconds of them. */
const deepest = 256;
const longest = 1;

/**
 * Whether `call` may be sent behind others: all of them are known to be short, and so is it. Not if its clock runs
 * while it waits, nor if ordinary calls that come later go before it.
 */
export function hasRoom({ lane, thread, isEnding, isStale }: Slot, call: Call): boolean {
  const { cost } = call.definition;
  const { timeout, queueTimeout, priority } = call.plan;
  if (!lane || !thread || isEnding || isStale || !lane.isShort) return false;
  return (
    cost < shortCost &&
    call.args.resendable &&
    timeout === Infinity &&
    queueTimeout === Infinity &&
    priority >= 0 &&
    lane.load < Math.min(deepest, longest / cost)
  );
}

/** Whether its thread has been asked for and is not there yet. */
export function isStarting({ lane, thread }: Slot): boolean {
  return lane !== undefined && thread === undefined;
}

/** The place of `key` among `slots`: always the same one. */
export function slotOf(slots: readonly Slot[], key: string | number): Slot {
  let hash = 0;
  for (const char of String(key)) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) | 0;
  return slots[(hash >>> 0) % slots.length] as Slot;
}
