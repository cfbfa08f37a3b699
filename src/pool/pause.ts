/** Threads are not started one after the other where none can be. @module */

import { after, now } from '../base/clock.ts';
import type { Later } from '../base/clock.ts';

/** How long to wait before the next start after one that failed, in milliseconds: twice as long each time. */
const first = 50;
const longest = 2000;

/**
 * The pause after a start that failed.
 *
 * Invariant: it keeps the process alive only while somebody waits for its end.
 */
export class Pause {
  readonly #onEnd: () => void;
  #failures = 0;
  #endsAt = 0;
  #timer: Later | undefined;

  /** `onEnd` is called when threads can be started again. */
  constructor(onEnd: () => void) {
    this.#onEnd = onEnd;
  }

  /** Whether there is one; who asks waits for its end then. */
  holds(): boolean {
    if (this.#endsAt - now() <= 0) return false;
    this.#timer?.hold();
    return true;
  }

  /** Nobody waits for its end any more. */
  letGo(): void {
    this.#timer?.letGo();
  }

  /** A start has failed. Those that were made beside it fail for the same reason, and count once. */
  failed(): void {
    if (now() < this.#endsAt) return;
    const time = Math.min(longest, first * 2 ** this.#failures);
    this.#failures += 1;
    this.#endsAt = now() + time;
    this.#timer = after(time, () => this.#end());
  }

  /** A start has succeeded, and ends the pause that others may wait for. */
  succeeded(): void {
    this.#failures = 0;
    if (!this.#timer) return;
    this.#timer.cancel();
    this.#end();
  }

  /** There is nothing more to be started. */
  stop(): void {
    this.#timer?.cancel();
  }

  #end(): void {
    this.#timer = undefined;
    this.#endsAt = 0;
    this.#onEnd();
  }
}
