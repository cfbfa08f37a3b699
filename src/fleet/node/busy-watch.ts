/** Watches threads that have not ended a call which was given up. @module */

import { after } from '../../base/clock.ts';

/** How often such threads are looked at, in milliseconds. */
const lookTime = 50;

/** A thread tells nobody when it has ended a call that was given up, so its node looks again and again. */
export class BusyWatch {
  readonly #isBusy: () => boolean;
  readonly #changed: () => void;
  #isWatching = false;

  /** `isBusy` says whether a thread runs a call that was given up; `changed` is called each time that one may be free. */
  constructor(isBusy: () => boolean, changed: () => void) {
    this.#isBusy = isBusy;
    this.#changed = changed;
  }

  /** Called when a call was given up, or has ended. */
  begin(): void {
    if (this.#isWatching || !this.#isBusy()) return;
    this.#isWatching = true;
    after(lookTime, () => {
      this.#isWatching = false;
      this.#changed();
      this.begin();
    });
  }
}
