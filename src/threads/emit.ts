/** Emits the events of a pool. @module */

import type { EventEmitter } from 'node:events';
import { setImmediate } from '../base/clock.ts';
import type { PoolEvents } from './events.ts';

/** Emits an event. An error that a listener throws becomes an uncaught exception, and does not disturb the pool. */
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
