/** Notices that the other side is silent. @module */

import { after } from '../../../base/clock.ts';
import type { Later } from '../../../base/clock.ts';

/** Asks for a sign of life when there was none for some time, and tells if none comes for as long again. */
export class Heartbeat {
  readonly #every: number;
  readonly #ask: () => void;
  readonly #silent: () => void;
  #timer: Later | undefined;

  /** Set by each message of the other side: it is there. */
  hasSign = true;
  #isAsked = false;

  constructor(every: number, { ask, silent }: { readonly ask: () => void; readonly silent: () => void }) {
    this.#every = every;
    this.#ask = ask;
    this.#silent = silent;
    this.#arm();
  }

  stop(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
  }

  #arm(): void {
    this.#timer = after(this.#every, () => this.#look());
  }

  #look(): void {
    this.#arm();
    if (this.hasSign) {
      this.hasSign = false;
      this.#isAsked = false;
    } else if (this.#isAsked) {
      this.stop();
      this.#silent();
    } else {
      this.#isAsked = true;
      this.#ask();
    }
  }
}
