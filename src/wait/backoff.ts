/** How often to look again for what was looked for in vain. @module */

/** How many are left out in a row at the most. */
const most = 128;

/**
 * Looking for a message costs less than being woken for it, where two processors are free. Where none is, or where the
 * system has put both ends on one, the other end waits for the one that looks: after looks in vain, looks are left out,
 * twice as many each time. A look that finds something ends that.
 */
export class Backoff {
  #left = 0;
  #next = 1;

  /** Whether to leave the next look out. */
  skips(): boolean {
    if (this.#left === 0) return false;
    this.#left -= 1;
    return true;
  }

  /** A look has found something. */
  found(): void {
    this.#next = 1;
  }

  /** A look has found nothing for as long as it may take. */
  missed(): void {
    this.#left = this.#next;
    this.#next = Math.min(most, this.#next * 2);
  }
}
