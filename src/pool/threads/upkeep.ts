/** Ends threads that have been idle, and replaces those that are old or use much of their heap. @module */

import { after, now } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';
import type { PoolThreads } from './pool-threads.ts';
import type { PoolThread, Slot } from './pool-thread.ts';

/** The limits after which threads are ended or replaced; `Infinity` for none. */
export interface UpkeepOptions {
  /** How many threads stay even if they are idle. */
  readonly minThreads: number;

  /** Milliseconds without a call. */
  readonly idleTimeout: number;

  /** Bytes of heap in use. */
  readonly maxHeap: number;

  /** Milliseconds since the thread was ready. */
  readonly maxAge: number;
}

/** How long an idle extra thread is kept for further calls, in milliseconds. */
const extraTimeout = 1000;

/** The shortest time between two checks by the timer, in milliseconds. */
const soonest = 10;

/**
 * Checks the threads when calls were answered, and by a timer.
 *
 * Invariant: of the worn threads, at most one is being replaced at a time; the others go on working.
 */
export class Upkeep {
  /** Whether threads end or are replaced only for other reasons, so that none but extra ones has to be looked at. */
  readonly isIdle: boolean;
  readonly #threads: PoolThreads;
  readonly #options: UpkeepOptions;
  #timer: Later | undefined;
  #dueAt = Infinity;

  constructor(threads: PoolThreads, options: UpkeepOptions) {
    this.#threads = threads;
    this.#options = options;
    const { idleTimeout, maxAge, maxHeap } = options;
    this.isIdle = idleTimeout === Infinity && maxAge === Infinity && maxHeap === Infinity;
  }

  /** Called when calls of `thread`, in the place `slot`, were answered, or when it has become ready. */
  look(slot: Slot, thread: PoolThread): void {
    if (slot.thread !== thread || !thread.isReady) return;
    const { maxAge, maxHeap } = this.#options;
    // The timer that runs already comes before this thread's own time, and looks at all threads then.
    if (this.#dueAt !== Infinity && maxHeap === Infinity && maxAge === Infinity && !slot.isExtra) return;
    if (maxHeap !== Infinity || maxAge !== Infinity) this.#replaceWorn();
    this.#comeBack(this.#wornAt(thread));
    if (thread.lane.load === 0) this.#comeBack(this.#idleUntil(slot, thread));
  }

  stop(): void {
    this.#timer?.cancel();
    this.#dueAt = Infinity;
  }

  #tick(): void {
    this.#dueAt = Infinity;
    this.#replaceWorn();
    let staying = this.#threads.slots.filter(({ thread }) => thread?.isReady).length;
    for (const slot of this.#threads.places) {
      const { thread } = slot;
      // The timer may have fired a little early.
      if (thread?.isReady && !slot.isExtra) this.#comeBack(this.#wornAt(thread));
      if (!thread?.isFree || (!slot.isExtra && staying <= this.#options.minThreads)) continue;
      const until = this.#idleUntil(slot, thread);
      if (until > now()) this.#comeBack(until);
      else {
        if (!slot.isExtra) staying -= 1;
        void this.#threads.release(slot, 'idle');
      }
    }
  }

  #wornAt({ readySince }: PoolThread): number {
    return readySince + this.#options.maxAge;
  }

  #idleUntil(slot: Slot, { lane, readySince }: PoolThread): number {
    return Math.max(readySince, lane.progress) + (slot.isExtra ? extraTimeout : this.#options.idleTimeout);
  }

  #replaceWorn(): void {
    const { slots } = this.#threads;
    // Spent threads do not count here: they are replaced at once, for the reason `'calls'`.
    if (slots.some(({ thread, successor }) => successor && !thread?.isSpent)) return;
    const worn = slots.find(
      ({ thread, successor }) => thread?.isReady && !thread.isEnding && !successor && this.#isWorn(thread),
    );
    if (worn?.thread) this.#threads.starts.replace(worn, this.#isOld(worn.thread) ? 'age' : 'heap');
  }

  #isWorn(thread: PoolThread): boolean {
    return thread.lane.heapUsed > this.#options.maxHeap || this.#isOld(thread);
  }

  #isOld({ readySince }: PoolThread): boolean {
    return now() - readySince >= this.#options.maxAge;
  }

  #comeBack(at: number): void {
    if (at >= this.#dueAt) return;
    this.#timer?.cancel();
    this.#dueAt = at;
    this.#timer = after(Math.max(soonest, at - now()), () => this.#tick());
  }
}
