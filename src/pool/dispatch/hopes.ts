/** Tells which waiting calls may never start, so that they do not keep the process alive. @module */

import type { PoolThreads } from '../threads/pool-threads.ts';
import type { CallQueue } from '../queue.ts';
import type { Relief } from './relief.ts';

/**
 * Finds the queues that depend on threads which all wait without a timeout.
 *
 * Invariant: while `areLost` is false, no queue counts as hopeless.
 */
export class Hopes {
  /** Whether a queue was found to be hopeless. A field, as each answer reads it; only this class writes it. */
  areLost = false;

  readonly #threads: PoolThreads;
  readonly #queue: CallQueue;
  readonly #relief: Relief;

  constructor(threads: PoolThreads, queue: CallQueue, relief: Relief) {
    this.#threads = threads;
    this.#queue = queue;
    this.#relief = relief;
  }

  /** Checks each queue: see {@link CallQueue.isHopeless}. */
  weigh(): void {
    const { isExhausted } = this.#relief;
    this.#queue.isHopeless = isExhausted;
    this.areLost = isExhausted;
    for (const { keyed, thread } of this.#threads.slots) {
      const isLost = thread?.lane.isSuspended === true;
      keyed.isHopeless = isLost;
      this.areLost ||= isLost;
    }
  }
}
