/** Failures that no call is told of. @module */

import { channel } from 'node:diagnostics_channel';
import type { EventEmitter } from 'node:events';
import { emit } from '../threads/emit.ts';
import type { PoolEvents } from '../threads/events.ts';

/** What subscribers of the diagnostics channel `offloop:error` are given. */
export interface Incident {
  readonly error: unknown;

  /** The pool whose thread it was. */
  readonly pool: unknown;
}

const incidents = channel('offloop:error');

/** Tells whoever listens, at the pool or at the channel `offloop:error`. Where nobody does, nothing happens. */
export function reportIncident(pool: EventEmitter<PoolEvents>, error: unknown): void {
  if (incidents.hasSubscribers) incidents.publish({ error, pool } satisfies Incident);
  if (pool.listenerCount('error') > 0) emit(pool, 'error', error);
}
