/** How long functions have been taking: what is known to be short may share a message. @module */

import type { Definition } from '../address/registry.ts';

/** Calls that take less, in milliseconds, cost less than waking a thread for each of them. */
export const shortCost = 0.05;

const known = new Map<number, WeakRef<Definition>>();

/** Lets {@link noteCost} find `definition`. */
export function watchCost(definition: Definition): void {
  if (!known.has(definition.id)) known.set(definition.id, new WeakRef(definition));
}

/** Takes in that `count` calls of a function took `time` milliseconds. A slow call counts at once, quick ones bit by bit. */
export function noteCost(functionId: number, time: number, count: number): void {
  const definition = known.get(functionId)?.deref();
  if (!definition) return;
  const cost = time / count;
  const isKnown = definition.cost !== Infinity && cost < definition.cost;
  definition.cost = isKnown ? definition.cost * 0.75 + cost * 0.25 : cost;
}
