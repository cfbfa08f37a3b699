/** Tracks how long functions take: calls that are known to be short may share a message. @module */

import type { Learnt } from '../codec/learnt.ts';

/** Calls that take less, in milliseconds, cost less than waking a thread for each of them. */
export const shortCost = 0.05;

/** How a call is sent: alone; alone, with polling for its result; or in a run with others. */
export const Pace = { slow: 0, quick: 1, brief: 2 } as const;
export type Pace = (typeof Pace)[keyof typeof Pace];

/** Updates the average of a function after a call of `time` milliseconds: slower calls have more weight. */
export function noteCost(learnt: Learnt, time: number): void {
  const { cost } = learnt;
  const weight = time > cost ? 0.5 : 0.25;
  learnt.cost = cost === Infinity ? time : cost + (time - cost) * weight;
}
