/** Shared memory between a test and all threads started later, for functions without arguments. @module */

import { setEnvironmentData } from 'node:worker_threads';
import { gate } from './gate.ts';

/** Values of field 3: what `init`, `teardown` or the modules of the fixtures have to do. */
export const does = {
  nothing: 0,
  initThrows: 1,
  initExits: 2,
  initSpins: 3,
  initWaits: 4,
  initMeets: 5,
  teardownThrows: 6,
  teardownSpins: 7,
  teardownExits: 8,
  loadWaits: 9,
  loadAsks: 10,
} as const;

/** A gate of which field 1 counts the set-ups or loadings that have begun, and field 2 the threads torn down. */
export function note(what: keyof typeof does = 'nothing'): Int32Array {
  const it = gate();
  tell(it, what);
  setEnvironmentData('note', it);
  return it;
}

/** From now on `init` and `teardown` do `what`. */
export function tell(it: Int32Array, what: keyof typeof does): void {
  Atomics.store(it, 3, does[what]);
}
