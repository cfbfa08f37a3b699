/** Counts the threads of pools that come and go. @module */

import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ThreadEndEvent, ThreadStartEvent } from '../threads/events.ts';

/** How many threads of a pool have started, and ended for which reason. */
export interface Lives {
  started: number;
  readonly ended: Record<string, number>;
}

/** Counts from its making until it is closed. */
export class LifeCounts {
  readonly #lives = new WeakMap<object, Lives>();

  constructor() {
    subscribe('offloop:thread:start', this.#started);
    subscribe('offloop:thread:end', this.#ended);
  }

  of(pool: object): Lives {
    let lives = this.#lives.get(pool);
    if (!lives) this.#lives.set(pool, (lives = { started: 0, ended: {} }));
    return lives;
  }

  close(): void {
    unsubscribe('offloop:thread:start', this.#started);
    unsubscribe('offloop:thread:end', this.#ended);
  }

  readonly #started = (event: unknown): void => {
    const { pool } = event as ThreadStartEvent;
    if (isObject(pool)) this.of(pool).started += 1;
  };

  readonly #ended = (event: unknown): void => {
    const { pool, reason } = event as ThreadEndEvent;
    if (!isObject(pool)) return;
    const { ended } = this.of(pool);
    ended[reason] = (ended[reason] ?? 0) + 1;
  };
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
