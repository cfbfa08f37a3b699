/** How a consumer of items shares the event loop with others: it holds it up for a moment, and lets it turn in time. @module */

import { mostLooks, now, setImmediate } from '../base/clock.ts';
import { RingWord } from './ring.ts';

/** How many items are given at once before the clock is read, and how long, in milliseconds, before the loop turns. */
const itemsPerLook = 256;
const longestRun = 5;

/** How long the loop is held up for the next item where it has been coming at once, in milliseconds. */
const spinTime = 0.004;

/** The pace of one consumer. */
export class Pace {
  /** Is called once the loop has turned. */
  readonly #goOn: () => void;
  #run = 0;
  #runSince = 0;
  #isTurning = false;

  /** Whether the last item came at once. */
  #isPrompt = true;

  constructor(goOn: () => void) {
    this.#goOn = goOn;
  }

  /** Whether the loop turns before the next item is given. */
  get isTurning(): boolean {
    return this.#isTurning;
  }

  /** An item is asked for. Lets the loop turn before it, if it has not for long: items may come faster than they are taken. */
  asked(): void {
    if ((this.#run += 1) >= itemsPerLook) this.#turnIfLong();
  }

  /** An item was given, or the end. */
  gave(): void {
    this.#isPrompt = true;
  }

  /** Where the last item came at once, the next one may do so too: to wait for it here costs less than to go away. */
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
