/** Exponential back-off for spinning. @module */

/** How many spins are skipped in a row at the most. */
const most = 128;

/**
 * Spinning for a message costs less than being woken for it, if two processors are free. Otherwise the sender may have
 * to wait for the processor on which the receiver spins. So after a spin that found nothing, the next spin is skipped;
 * after two misses two, then four. A spin that finds something ends the back-off.
 */
export class Backoff {
  #left = 0;
  #next = 1;

  /** Whether to skip the next spin. */
  skips(): boolean {
    if (this.#left === 0) return false;
    this.#left -= 1;
    return true;
  }

  /** Called after a spin that found something. */
  found(): void {
    this.#next = 1;
  }

  /** Called after a spin that found nothing. */
  missed(): void {
    this.#left = this.#next;
    this.#next = Math.min(most, this.#next * 2);
  }
}
