/** Reports failures that belong to no call. @module */

import { channel } from 'node:diagnostics_channel';
import type { EventEmitter } from 'node:events';
import { emit } from '../threads/emit.ts';
import type { PoolEvents } from '../threads/events.ts';

/** The message of the diagnostics channel `offloop:error`. */
export interface Incident {
  readonly error: unknown;

  /** The pool of the thread that failed. */
  readonly pool: unknown;
}

const incidents = channel('offloop:error');

/** Reports `error` to listeners of the pool and of the channel `offloop:error`. Without listeners, nothing happens. */
export function reportIncident(pool: EventEmitter<PoolEvents>, error: unknown): void {
  if (incidents.hasSubscribers) incidents.publish({ error, pool } satisfies Incident);
  if (pool.listenerCount('error') > 0) emit(pool, 'error', error);
}
