/** Notices that nothing comes, at the cost of one timer for a whole connection. @module */

import { after, now, setImmediate } from './clock.ts';
import type { Later } from './clock.ts';

/**
 * Counts the time in which somebody waits: a source whose consumer is busy is not idle.
 *
 * Invariant: while there is a wait, a timer is due at its limit or before.
 */
export class IdleWatch {
  readonly #time: number;
  readonly #onIdle: () => void;
  #since: number | undefined;
  #timer: Later | undefined;

  constructor(time: number, onIdle: () => void) {
    this.#time = time;
    this.#onIdle = onIdle;
  }

  /** Somebody waits from now on, or something has come that is not what is waited for. */
  begin(): void {
    this.#since = now();
    this.#timer ??= this.#arm(this.#time);
  }

  /** Something has come. */
  end(): void {
    this.#since = undefined;
  }

  close(): void {
    this.#since = undefined;
    this.#timer?.cancel();
  }

  #arm(time: number): Later {
    return after(time, () => {
      this.#timer = undefined;
      const since = this.#since;
      if (since === undefined) return;
      const left = since + this.#time - now();
      if (left > 0) this.#timer = this.#arm(left);
      // If the loop was busy, what has come meanwhile is read in this turn of it.
      else setImmediate(() => this.#decide(since));
    });
  }

  #decide(since: number): void {
    if (this.#since === since) this.#onIdle();
    else if (this.#since !== undefined) this.#timer ??= this.#arm(this.#time);
  }
}
