/** At most one item in a time. @module */

import { Passing } from '../run/passing.ts';
import { over, waits } from '../run/pull.ts';
import type { Pull } from '../run/pull.ts';
import { programNow } from './timer.ts';

/** Gives an item, and leaves out those that come within `interval` milliseconds after it. */
export class Throttle extends Passing {
  readonly #interval: number;
  #last = -Infinity;

  constructor(source: Pull, interval: number) {
    super(source);
    this.#interval = interval;
  }

  protected pass(given: unknown): unknown {
    for (let value = given; ; value = this.source.next()) {
      if (value === waits || value === over) return value;
      const time = programNow();
      if (time - this.#last >= this.#interval) {
        this.#last = time;
        return value;
      }
      this.source.delivery?.release();
    }
  }
}
