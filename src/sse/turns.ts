/** Gives the event loop its turns, where items come without waiting. @module */

import { now, setImmediate } from '../base/clock.ts';
import { Promise } from '../base/intrinsics.ts';

/** How long items may be taken without a turn of the loop, in milliseconds. */
const longest = 4;

export class Turns {
  #last = now();

  /** Whether it is time for a turn. */
  get isDue(): boolean {
    return now() - this.#last >= longest;
  }

  async take(): Promise<void> {
    await new Promise<void>((resolve) => setImmediate(resolve));
    this.#last = now();
  }
}
