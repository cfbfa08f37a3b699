/** Tells the main side how much heap a thread uses, if the main side asked for that. @module */

import { now } from '../base/clock.ts';
import { LaneWord } from '../wire/control.ts';

/** How often the heap is measured, in milliseconds: a measurement takes longer than a small call. */
const interval = 50;

/** Makes the function that measures the heap, if the main side asked for it. The thread calls it when it is idle. */
export function heapMeter(control: Int32Array): (() => void) | undefined {
  if (Atomics.load(control, LaneWord.heap) === 0) return undefined;
  // Most threads do not measure, and the start of each would pay for the load.
  const { getHeapStatistics } = process.getBuiltinModule('node:v8');
  let last = -Infinity;
  return () => {
    const time = now();
    if (time - last < interval) return;
    last = time;
    Atomics.store(control, LaneWord.heap, Math.max(1, getHeapStatistics().used_heap_size >>> 10));
  };
}
