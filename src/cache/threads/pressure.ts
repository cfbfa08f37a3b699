/** Bounds how much a thread sends before the main side has dealt with it. @module */

import { Promise } from '../../base/intrinsics.ts';

/** How many messages may be under way before the thread blocks until the main side has caught up. */
const mostUnderWay = 64;

/** Counts the messages of a thread that are under way. */
export class Pressure {
  readonly #catchUp: () => void;
  #underWay = 0;

  /** How often the main side was waited for: replies to what was sent before that count no more. */
  #round = 0;

  /** `catchUp` blocks the thread until the main side has dealt with all that was sent. */
  constructor(catchUp: () => void) {
    this.#catchUp = catchUp;
  }

  /** Blocks the thread if too much is under way. A thread that never turns its event loop sees no reply. */
  relieve(): void {
    if (this.#underWay < mostUnderWay) return;
    this.#catchUp();
    this.#underWay = 0;
    this.#round += 1;
  }

  sent(reply: PromiseLike<unknown>): void {
    const round = this.#round;
    this.#underWay += 1;
    const over = (): void => {
      if (round === this.#round) this.#underWay -= 1;
    };
    // The reply's own `then` would count as awaiting it.
    void Promise.prototype.then.call(reply, over, over);
  }
}
