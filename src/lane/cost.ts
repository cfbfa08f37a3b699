/** How long functions have been taking: what is known to be short may share a message. @module */

import type { Definition } from '../address/registry.ts';

/** Calls that take less, in milliseconds, cost less than waking a thread for each of them. */
export const shortCost = 0.05;

/** Takes in that a call took `time` milliseconds: slower ones count at once, quicker ones bit by bit. */
export function noteCost(definition: Definition, time: number): void {
  const { cost } = definition;
  const weight = time > cost ? 0.5 : 0.25;
  definition.cost = cost === Infinity ? time : cost + (time - cost) * weight;
}
