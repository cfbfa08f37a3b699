/** How far everything was acknowledged, without a gap. @module */

/**
 * Numbers from 0, each of which is acknowledged once.
 *
 * Invariant: all numbers below `position` were acknowledged, and `position` was not.
 */
export class AckRun {
  /** How many were acknowledged from the beginning on, without a gap. */
  position = 0;

  /** The acknowledged numbers beyond the run. */
  readonly #beyond = new Set<number>();

  /** Says whether the run has become longer. */
  ack(number: number): boolean {
    if (number < this.position || this.#beyond.has(number)) return false;
    this.#beyond.add(number);
    if (number !== this.position) return false;
    while (this.#beyond.delete(this.position)) this.position += 1;
    return true;
  }
}
