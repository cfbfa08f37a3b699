/** Lets the event loop have its turn between the items of a flow. @module */

import { now, setIdleImmediate, setImmediate } from '../../base/clock.ts';
import { Promise } from '../../base/intrinsics.ts';

/** How long items may follow each other before the event loop has a turn, in milliseconds. */
const longest = 10;

/** Up to how many items are begun between two looks at the clock. */
const most = 128;

/**
 * Watches how long one item has followed the other. Without it, a source that always has items ready would keep timers,
 * sockets and signals of the operating system from being heard.
 *
 * Invariant: between two looks at the clock about a millisecond passes, or one item.
 */
export class Turns {
  #left = 1;
  #every = 1;
  #lookedAt = 0;

  /** When the stretch began that the event loop has not interrupted. */
  #begunAt: number | undefined;

  /** The promise to await before the next item; mostly none. */
  due(): Promise<void> | undefined {
    this.#left -= 1;
    return this.#left > 0 ? undefined : this.#look();
  }

  #look(): Promise<void> | undefined {
    const time = now();
    if (this.#begunAt === undefined) {
      this.#begunAt = time;
      setIdleImmediate(() => (this.#begunAt = undefined));
    } else {
      const isQuick = time - this.#lookedAt < 1;
      this.#every = isQuick ? Math.min(this.#every * 2, most) : Math.ceil(this.#every / 8);
    }
    this.#lookedAt = time;
    this.#left = this.#every;
    return time - this.#begunAt < longest ? undefined : new Promise((resolve) => setImmediate(resolve));
  }
}
