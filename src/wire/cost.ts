/** Tracks how long functions take: calls that are known to be short may share a message. @module */

import type { Learnt } from '../codec/learnt.ts';

/** Calls that take less, in milliseconds, cost less than waking a thread for each of them. */
export const shortCost = 0.05;

/** How a call is sent: alone; alone, with polling for its result; or in a run with others. */
export const Pace = { slow: 0, quick: 1, brief: 2 } as const;
export type Pace = (typeof Pace)[keyof typeof Pace];

/**
 * Updates the average of a function after a call of `time` milliseconds. The last calls decide: the first ones of a thread
 * are slow because it has not compiled them, and one that lost its processor says nothing about the next.
 */
export function noteCost(learnt: Learnt, time: number): void {
  const { cost } = learnt;
  learnt.cost = cost === Infinity ? time : (cost + time) / 2;
}
