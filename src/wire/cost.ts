/** Tracks how long functions take: calls that are known to be short may share a message. @module */

import type { Learnt } from '../codec/quick/learnt.ts';

/** Calls that take less, in milliseconds, cost less than waking a thread for each of them. */
export const shortCost = 0.05;

/** How a call is sent: alone; alone, with polling for its result; or in a run with others. */
export const Pace = { slow: 0, quick: 1, brief: 2 } as const;
export type Pace = (typeof Pace)[keyof typeof Pace];

/** A cost that is less counts as this, in milliseconds, when it is doubled. */
const least = 0.005;

/**
 * How many calls count as the first ones of a function: their thread has not compiled it, nor what is on their way, so the
 * quickest of them tells most.
 */
const firstOnes = 8;

/** Whether a function has been called often enough to count on calls that take microseconds. */
export function isKnownShort({ cost, counted }: Learnt): boolean {
  return cost < shortCost && counted === firstOnes;
}

/**
 * Updates the estimate for a function after a call of `time` milliseconds. The last calls decide; of the
 * {@link firstOnes}, one that is quicker than the estimate alone. A call that lost its processor says nothing about the
 * next, so a single call at most doubles the estimate.
 */
export function noteCost(learnt: Learnt, time: number): void {
  const { cost, counted } = learnt;
  if (counted < firstOnes) {
    learnt.counted = counted + 1;
    if (time < cost) {
      learnt.cost = time;
      return;
    }
  }
  learnt.cost = Math.min((cost + time) / 2, 2 * Math.max(cost, least));
}
