/**
 * Shares the event loop: a consumer of items spins briefly for the next item, and lets the loop turn in time. @module
 */

import { mostLooks, now, setImmediate } from '../../base/clock.ts';
import { RingWord } from '../ring/ring.ts';

/** The clock is read after so many items; after so many milliseconds without a turn of the event loop, it turns. */
const itemsPerLook = 256;
const longestRun = 5;

/** How long to spin for the next item if the last one came at once, in milliseconds. */
const spinTime = 0.004;

/** The pace of one consumer. */
export class Pace {
  /** Called once the loop has turned. */
  readonly #goOn: () => void;
  #run = 0;
  #runSince = 0;
  #isTurning = false;

  /** Whether the last item came at once. */
  #isPrompt = true;

  constructor(goOn: () => void) {
    this.#goOn = goOn;
  }

  /** Whether the loop has to turn before the next item is given. */
  get isTurning(): boolean {
    return this.#isTurning;
  }

  /**
   * Called when an item is asked for. A consumer that always finds an item would otherwise keep the loop from turning.
   */
  asked(): void {
    if ((this.#run += 1) >= itemsPerLook) this.#turnIfLong();
  }

  /** Called when an item, or the end, was given. */
  gave(): void {
    this.#isPrompt = true;
  }

  /** Spins for the next item if the last one came at once: spinning costs less than a return to the event loop. */
  spin(header: Int32Array): void {
    if (!this.#isPrompt || this.#isTurning) return;
    const begin = now();
    const produced = Atomics.load(header, RingWord.produced);
    for (let looks = 0; looks < mostLooks && now() - begin < spinTime; looks += 1)
      if (Atomics.load(header, RingWord.produced) !== produced) break;
    this.#isPrompt = Atomics.load(header, RingWord.produced) !== produced;
  }

  #turnIfLong(): void {
    this.#run = 0;
    if (now() - this.#runSince < longestRun || this.#isTurning) return;
    this.#isTurning = true;
    setImmediate(() => {
      this.#isTurning = false;
      this.#runSince = now();
      this.#goOn();
    });
  }
}
