/** Spins for the next call: a thread that sleeps has to be woken. @module */

import { mostLooks, now } from '../base/clock.ts';
import { Backoff } from '../wait/backoff.ts';
import { WaitWord } from '../wait/words.ts';

/** How long a thread spins for the next call before it sleeps, in milliseconds: a wake-up costs about as much. */
const spinTime = 0.05;

/** Calls that follow each other within this time, in milliseconds, are a series: the thread spins for the next one. */
export const soon = 1;

/** Spins, unless that was in vain lately. */
export class Spinner {
  /** The time at which the thread had no more calls. */
  restedAt: number = -Infinity;

  readonly #control: Int32Array;
  readonly #arrivals: { pull(): boolean };
  readonly #backoff = new Backoff();

  /** `arrivals` reads messages; it gives whether there were any. */
  constructor(control: Int32Array, arrivals: { pull(): boolean }) {
    this.#control = control;
    this.#arrivals = arrivals;
  }

  /** Spins for the next message from the time `from` on, instead of sleeping; gives whether one arrived. */
  spin(from: number): boolean {
    if (this.#backoff.skips()) return false;
    const control = this.#control;
    const seen = Atomics.load(control, WaitWord.down);
    let looks = 0;
    do {
      if (this.#arrivals.pull()) {
        this.#backoff.found();
        return true;
      }
      while (Atomics.load(control, WaitWord.down) === seen && now() - from < spinTime && looks < mostLooks) looks += 1;
      looks += 1;
    } while (now() - from < spinTime && looks < mostLooks);
    this.#backoff.missed();
    return false;
  }
}
