/** The memory that is in use, without what is only waiting to be collected. @module */

import { setImmediate } from 'node:timers/promises';
import { queryObjects, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { MessagePort } from 'node:worker_threads';
import { runtime } from './runtimes/runtime.ts';

if (runtime !== 'bun') setFlagsFromString('--expose-gc');

/** Collects garbage. The test runner's own realm has no `gc`: it is taken from a new one. */
export const collect: () => void =
  runtime === 'bun'
    ? (globalThis as unknown as { Bun: { gc(isNow: boolean): void } }).Bun.gc.bind(undefined, true)
    : (runInNewContext('gc') as () => void);

/** Bytes on the heap once promises have settled and garbage is collected. */
export async function heapInUse(): Promise<number> {
  // What one collection releases, such as by a finalizer, the next one finds.
  for (let i = 0; i < 2; i += 1) {
    await setImmediate();
    collect();
  }
  return process.memoryUsage().heapUsed;
}

/** How many ports there are that were not closed. */
export function openPorts(): number {
  // One that is open is not collected; `process.getActiveResourcesInfo()` leaves out those that hold no process.
  return queryObjects(MessagePort, { format: 'count' });
}
