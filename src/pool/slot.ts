/** The places of a pool, one a thread. @module */

import type { Call } from '../call/call.ts';
import { isBrief, isMovable } from '../call/travel.ts';
import { CallQueue } from './queue.ts';
import type { QueueListener } from './queue.ts';
import type { PoolThread, Slot } from './pool-thread.ts';

/** A place without a thread. */
export function emptySlot(
  listener: QueueListener,
  { number = 1, isExtra = false, isOnly = false }: Partial<Slot>,
): Slot {
  return {
    keyed: new CallQueue(listener),
    number,
    isExtra,
    isOnly,
    thread: undefined,
    successor: undefined,
    before: undefined,
  };
}

/** How many short calls a lane is given at the most, and how many milliseconds of them. */
const deepest = 1024;
const longest = 1;

/**
 * Whether `call` may be sent behind others: all of them are brief, and so is it; or there is one other, and no thread but
 * this could start it sooner. Not where it would wait until the module of another one is loaded. Not if its clock runs while it waits, nor if ordinary calls that come later go before it;
 * and only behind one that does not keep it waiting without a word, and that need not be ended with its thread.
 */
export function hasRoom(slot: Slot, call: Call): boolean {
  const { thread } = slot;
  if (!thread?.isReady || thread.isEnding || thread.isStale || thread.isSpent || isTurning(slot)) return false;
  if (!isMovable(call) || call.plan.priority < 0) return false;
  const { lane } = thread;
  if (lane.loads.isLoading) return false;
  if (isBrief(call) && lane.isBrief) return lane.load < Math.min(deepest, longest / call.definition.learnt.cost);
  if (!slot.isOnly || lane.load !== 1 || thread.isBlocked) return false;
  const { first } = lane.calls;
  return first !== undefined && isMovable(first) && !first.settled;
}

/** Whether its thread takes its last call, since the next one is ready. */
export function isTurning({ successor }: Slot): boolean {
  return successor?.isReady === true;
}

/** Whether `thread`, which stands there, has nothing more to do once it is free, and nothing to wait for. */
export function isDone({ successor }: Slot, thread: PoolThread): boolean {
  return thread.isStale || (thread.isSpent && !successor);
}

/** Whether the thread that is to start the next call there has been asked for and is not there yet. */
export function isStarting({ thread, successor }: Slot): boolean {
  const isNext = !thread || (thread.isSpent && thread.lane.load === 0);
  return isNext ? successor !== undefined : !thread.isReady;
}

/** The place of `key` among `count`: always the same one. */
export function placeForKey(key: string | number, count: number): number {
  let hash = 0;
  for (const char of String(key)) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) | 0;
  return (hash >>> 0) % count;
}
