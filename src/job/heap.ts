/** Tells the main side how much of its heap a thread uses, where it wants to know. @module */

import { getHeapStatistics } from 'node:v8';
import { now } from '../base/clock.ts';
import { LaneWord } from '../wire/control.ts';

/** How often, in milliseconds: it takes longer than a small call. */
const interval = 50;

/** Gives what measures the heap, if the main side asked for it; called when the thread has nothing to do. */
export function heapMeter(control: Int32Array): (() => void) | undefined {
  if (Atomics.load(control, LaneWord.heap) === 0) return undefined;
  let last = -Infinity;
  return () => {
    const time = now();
    if (time - last < interval) return;
    last = time;
    Atomics.store(control, LaneWord.heap, Math.max(1, getHeapStatistics().used_heap_size >>> 10));
  };
}
