/** Several sources as one: items as they come. @module */

import { Driven } from '../run/driven.ts';

/**
 * Asks all sources at once, and gives what comes first; sources that have an item ready take turns. The merge is over when
 * all are; the first error is the error of all.
 *
 * Invariant: of each source, one item at the most has come that was not taken.
 */
export class Merge extends Driven {
  /** The index of the source that is asked next. */
  #turn = 0;

  /** Asks those that were not asked, until one has an item ready. */
  protected ask(): void {
    const { length } = this.sources;
    for (let i = 0; i < length && !this.hasArrived; i += 1) {
      const source = this.sources[this.#turn];
      this.#turn = (this.#turn + 1) % length;
      source?.ask();
    }
  }
}
