/** The places of a pool, one for each thread. @module */

import type { Call } from '../../call/call.ts';
import { isBrief, isMovable } from '../../call/travel.ts';
import { CallQueue } from '../queue.ts';
import type { QueueListener } from '../queue.ts';
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

/** How many brief calls a lane may have at the most, and how many milliseconds they may take together. */
const deepest = 1024;
const longest = 1;

/**
 * Whether `call` may be sent to the thread of `slot` behind other calls: either `call` and all of them are brief, or
 * there is one other call, and no other thread could start `call` sooner. `call` must not have a `queueTimeout` or a
 * low priority, and must not have to wait for the module of another call. The other call must not be blocked or given
 * up.
 */
export function hasRoom(slot: Slot, call: Call): boolean {
  const { thread } = slot;
  if (!thread?.isReady || thread.isEnding || thread.isStale || thread.isSpent || isTurning(slot)) return false;
  if (!isMovable(call) || call.plan.priority < 0) return false;
  const { lane } = thread;
  if (lane.loads.isLoading) return false;
  if (isBrief(call) && lane.calls.areBrief) return lane.load < mostBrief(call);
  if (!slot.isOnly || lane.load !== 1 || thread.isBlocked) return false;
  const { first } = lane.calls;
  return first !== undefined && isMovable(first) && !first.settled;
}

/** How many brief calls a lane may have before `call`, a brief one, has to wait elsewhere. */
export function mostBrief({ definition }: Call): number {
  return Math.min(deepest, longest / definition.learnt.cost);
}

/** Whether the thread of the place takes no more calls because its successor is ready. */
export function isTurning({ successor }: Slot): boolean {
  return successor?.isReady === true;
}

/** Whether `thread`, the present one of the place, ends as soon as it is free, without waiting for a successor. */
export function isDone({ successor }: Slot, thread: PoolThread): boolean {
  return thread.isStale || (thread.isSpent && !successor);
}

/** Whether the thread that will run the next call of the place is being started. */
export function isStarting({ thread, successor }: Slot): boolean {
  const isNext = !thread || (thread.isSpent && thread.lane.load === 0);
  return isNext ? successor !== undefined : !thread.isReady;
}

/** Makes a thread that is due to be recycled stale, because its replacement could not be started. */
export function forgoSuccessor({ thread, successor }: Slot): void {
  if (thread?.dueFor === 'recycled' && !successor) thread.isStale = true;
}

/** The index of the place for `key` among `count` places: always the same one. */
export function placeForKey(key: string | number, count: number): number {
  let hash = 0;
  for (const char of String(key)) hash = (Math.imul(hash, 31) + (char.codePointAt(0) ?? 0)) | 0;
  return (hash >>> 0) % count;
}
