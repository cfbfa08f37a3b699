/** Pauses after a thread could not be started, before the next one is tried. @module */

import { after, now } from '../../base/clock.ts';
import type { Later } from '../../base/clock.ts';

/**
 * How long to wait after a failed start, in milliseconds: twice as long after each further one (exponential back-off).
 */
const first = 50;
const longest = 2000;

/**
 * The pause after a failed start.
 *
 * Invariant: the pause keeps the process alive only while a call waits for its end.
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

  /** Whether there is a pause. If so, the caller waits for its end, and the pause keeps the process alive. */
  holds(): boolean {
    if (this.#endsAt - now() <= 0) return false;
    this.#timer?.hold();
    return true;
  }

  /** Called when no call waits for the end of the pause any more. */
  letGo(): void {
    this.#timer?.letGo();
  }

  /** Called when a start has failed. Concurrent starts fail for the same reason, and count once. */
  failed(): void {
    if (now() < this.#endsAt) return;
    const time = Math.min(longest, first * 2 ** this.#failures);
    this.#failures += 1;
    this.#endsAt = now() + time;
    this.#timer = after(time, () => this.#end());
  }

  /** Called when a start has succeeded: ends the pause. */
  succeeded(): void {
    this.#failures = 0;
    if (!this.#timer) return;
    this.#timer.cancel();
    this.#end();
  }

  /** Called when no more threads will be started. */
  stop(): void {
    this.#timer?.cancel();
  }

  #end(): void {
    this.#timer = undefined;
    this.#endsAt = 0;
    this.#onEnd();
  }
}
