/** Ends a thread of Deno that has reached the limit of its memory. @module */

import { resourceLimits } from 'node:worker_threads';
import { after } from '../base/clock.ts';
import { isDeno } from '../base/runtime.ts';

/** How often a thread looks whether it has reached its limit, in milliseconds. */
const interval = 250;

/**
 * Ends this thread soon after it has reached the limit that its `resourceLimits` set, in Deno. There, code that reaches
 * the limit is cut off in the middle, so a call that it was part of would never settle. The thread hears no message any
 * more, lives on, and tells nobody; its timers fire, however. As Deno raises the limit of a thread that has reached it, a
 * raised limit tells of it.
 */
export function endAtMemoryLimit(): void {
  if (!isDeno || !resourceLimits.maxOldGenerationSizeMb) return;
  const { getHeapStatistics } = process.getBuiltinModule('node:v8');
  const first = getHeapStatistics().heap_size_limit;
  let isTold = false;
  const look = (): void => {
    after(interval, look);
    if (getHeapStatistics().heap_size_limit <= first) return;
    // A listener of 'uncaughtException' has taken the error.
    if (isTold) process.exit(1);
    isTold = true;
    const error = new Error('Worker terminated due to reaching memory limit: JS heap out of memory');
    throw Object.assign(error, { code: 'ERR_WORKER_OUT_OF_MEMORY' });
  };
  after(interval, look);
}
