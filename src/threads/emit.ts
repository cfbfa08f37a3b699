/** Tells those who listen to a pool. @module */

import type { EventEmitter } from 'node:events';
import { setImmediate } from '../base/clock.ts';
import type { PoolEvents } from './events.ts';

/** What a listener throws is an uncaught error of the program, as with any emitter, and leaves the pool alone. */
export function emit<K extends keyof PoolEvents>(
  pool: EventEmitter<PoolEvents>,
  name: K,
  event: PoolEvents[K][0],
): void {
  try {
    (pool as EventEmitter).emit(name, event);
  } catch (error) {
    setImmediate(() => {
      throw error;
    });
  }
}
