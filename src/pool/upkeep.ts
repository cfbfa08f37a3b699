/** Ends threads that have been idle, and replaces those that are old or use much of their heap. @module */

import { after, now } from '../base/clock.ts';
import type { Later } from '../base/clock.ts';
import type { Crew } from './crew.ts';
import type { Slot } from './slot.ts';
import type { Station } from './station.ts';

/** When a thread has been there for long enough; all of it may be `Infinity`. */
export interface UpkeepOptions {
  /** How many threads stay, however idle they are. */
  readonly minThreads: number;

  /** Milliseconds without a call. */
  readonly idleTimeout: number;

  /** Bytes of heap in use. */
  readonly maxHeap: number;

  /** Milliseconds since the thread was ready. */
  readonly maxAge: number;
}

/** How long a thread beside those of the pool is kept for the next call that needs one, in milliseconds. */
const extraTimeout = 1000;

/** The soonest that threads are looked at again, in milliseconds. */
const soonest = 10;

/**
 * Looks at the threads when calls were answered, and when one of them is due.
 *
 * Invariant: of the threads that are worn, one at a time is being replaced; the others work on.
 */
export class Upkeep {
  readonly #crew: Crew;
  readonly #options: UpkeepOptions;
  #timer: Later | undefined;
  #dueAt = Infinity;

  constructor(crew: Crew, options: UpkeepOptions) {
    this.#crew = crew;
    this.#options = options;
  }

  /** Calls of `station`, which stands at `slot`, were answered, or it has just become ready. */
  look(slot: Slot, station: Station): void {
    if (slot.station !== station || !station.isReady) return;
    const { maxAge, maxHeap } = this.#options;
    if (maxHeap !== Infinity || maxAge !== Infinity) this.#replaceWorn();
    this.#comeBack(this.#wornAt(station));
    if (station.lane.load === 0) this.#comeBack(this.#idleUntil(slot, station));
  }

  stop(): void {
    this.#timer?.cancel();
    this.#dueAt = Infinity;
  }

  #tick(): void {
    this.#dueAt = Infinity;
    this.#replaceWorn();
    let staying = this.#crew.slots.filter(({ station }) => station?.isReady).length;
    for (const slot of this.#crew.places) {
      const { station } = slot;
      // The timer may have fired a little early.
      if (station?.isReady && !slot.isExtra) this.#comeBack(this.#wornAt(station));
      if (!station?.isFree || (!slot.isExtra && staying <= this.#options.minThreads)) continue;
      const until = this.#idleUntil(slot, station);
      if (until > now()) this.#comeBack(until);
      else {
        if (!slot.isExtra) staying -= 1;
        void this.#crew.release(slot, 'idle');
      }
    }
  }

  #wornAt({ readySince }: Station): number {
    return readySince + this.#options.maxAge;
  }

  #idleUntil(slot: Slot, { lane, readySince }: Station): number {
    return Math.max(readySince, lane.progress) + (slot.isExtra ? extraTimeout : this.#options.idleTimeout);
  }

  #replaceWorn(): void {
    const { slots } = this.#crew;
    // Those that can start no more calls are replaced at once, and for another reason.
    if (slots.some(({ station, successor }) => successor && !station?.isSpent)) return;
    const worn = slots.find(
      ({ station, successor }) => station?.isReady && !station.isEnding && !successor && this.#isWorn(station),
    );
    if (worn?.station) this.#crew.replace(worn, this.#isOld(worn.station) ? 'age' : 'heap');
  }

  #isWorn(station: Station): boolean {
    return station.lane.heapUsed > this.#options.maxHeap || this.#isOld(station);
  }

  #isOld({ readySince }: Station): boolean {
    return now() - readySince >= this.#options.maxAge;
  }

  #comeBack(at: number): void {
    if (at >= this.#dueAt) return;
    this.#timer?.cancel();
    this.#dueAt = at;
    this.#timer = after(Math.max(soonest, at - now()), () => this.#tick());
  }
}
