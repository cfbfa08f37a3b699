/** The threads of a pool that have not ended. @module */

import { after } from '../../base/clock.ts';
import { Promise } from '../../base/intrinsics.ts';
import { Latch } from '../../base/latch.ts';
import type { PoolThread } from './pool-thread.ts';

/** How long to wait for threads that native code keeps from ending, in milliseconds. */
const longestEnd = 1000;

/**
 * All threads of a pool, also those that are starting, or were told to end.
 *
 * Invariant: a thread is among them until its `over` is open.
 */
export class AliveThreads {
  readonly #threads = new Set<PoolThread>();

  /** Opens when the last thread has ended. */
  #empty: Latch | undefined;

  get all(): PoolThread[] {
    return [...this.#threads];
  }

  /** Whether more than `most` threads are ending. */
  areEnding(most: number): boolean {
    return this.#threads.size > most && this.all.filter(({ isEnding }) => isEnding).length > most;
  }

  add(thread: PoolThread): void {
    this.#threads.add(thread);
  }

  /** Called when `thread` has ended, or could not be started. */
  remove(thread: PoolThread): void {
    this.#threads.delete(thread);
    thread.over.open();
    if (this.#threads.size === 0) this.#empty?.open();
  }

  /** Resolves when the threads of this moment have ended, or a second after the last one was told to. */
  async whenGone(): Promise<void> {
    const { all } = this;
    await Promise.all(all.map(({ left }) => left.opened));
    await soon(Promise.all(all.map(({ over }) => over.opened)));
  }

  /** Resolves when no thread is left and `others` have ended, or after a second. */
  async whenEmpty(others: Promise<void> | undefined): Promise<void> {
    await soon(Promise.all([others, this.#emptied()]));
  }

  async #emptied(): Promise<void> {
    if (this.#threads.size === 0) return;
    this.#empty = new Latch();
    await this.#empty.opened;
  }
}

/** Resolves when `ended` does, or after a second: native code may keep a thread from ending for any time. */
async function soon(ended: Promise<unknown>): Promise<void> {
  const late = new Latch();
  const timer = after(longestEnd, () => late.open());
  timer.hold();
  await Promise.race([ended, late.opened]);
  timer.cancel();
}
