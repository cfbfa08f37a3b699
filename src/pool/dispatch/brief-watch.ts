/** Watches threads that have several brief calls, one of which may take long after all. @module */

import { after, now } from '../../base/clock.ts';
import type { PoolThread } from '../threads/pool-thread.ts';
import type { PoolThreads } from '../threads/pool-threads.ts';

/** How long a lane with several calls may send no message before its first call counts as slow, in milliseconds. */
const stuckAfter = 5;

/**
 * Finds brief calls that take longer than they used to: the calls behind them can move to other threads.
 *
 * Invariant: the timer runs only while a thread has several calls, all of them brief.
 */
export class BriefWatch {
  readonly #threads: PoolThreads;
  readonly #onStuck: (stuck: readonly PoolThread[]) => void;
  #isWatching = false;

  /** `onStuck` is called with the threads whose calls are slow, if there is another thread for the calls behind. */
  constructor(threads: PoolThreads, onStuck: (stuck: readonly PoolThread[]) => void) {
    this.#threads = threads;
    this.#onStuck = onStuck;
  }

  /** Called when a brief call was sent behind another one. */
  begin(): void {
    if (this.#isWatching) return;
    this.#isWatching = true;
    after(stuckAfter, () => {
      this.#isWatching = false;
      const deep = this.#threads.present.filter(({ lane }) => lane.load > 1 && lane.calls.areBrief);
      const stuck = deep.filter(({ lane }) => now() - lane.progress >= stuckAfter);
      const isElsewhere = this.#threads.slots.some(({ thread }) => !thread || thread.isFree);
      if (stuck.length > 0 && isElsewhere) this.#onStuck(stuck);
      if (deep.length > 0) this.begin();
    });
  }
}
