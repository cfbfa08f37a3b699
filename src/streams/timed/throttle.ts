/** At most one item in a time. @module */

import { over, waits } from '../run/pull.ts';
import type { Pull } from '../run/pull.ts';
import type { Delivery } from '../run/delivery.ts';
import { programNow } from './timer.ts';

/** Gives an item, and leaves out those that come within `interval` milliseconds after it. */
export class Throttle implements Pull {
  readonly #source: Pull;
  readonly #interval: number;
  #last = -Infinity;

  constructor(source: Pull, interval: number) {
    this.#source = source;
    this.#interval = interval;
  }

  get awaited(): Promise<unknown> | undefined {
    return this.#source.awaited;
  }

  get delivery(): Delivery | undefined {
    return this.#source.delivery;
  }

  next(): unknown {
    return this.#sift(this.#source.next());
  }

  take(settled: unknown): unknown {
    return this.#sift(this.#source.take(settled));
  }

  fail(error: unknown): unknown {
    return this.#sift(this.#source.fail(error));
  }

  #sift(first: unknown): unknown {
    for (let value = first; ; value = this.#source.next()) {
      if (value === waits || value === over) return value;
      const time = programNow();
      if (time - this.#last >= this.#interval) {
        this.#last = time;
        return value;
      }
      this.#source.delivery?.release();
    }
  }
}
