/** What a thread was sent of the context of the calls that follow. @module */

import { enter, restore } from './carried.ts';
import type { Carried, Entered } from './carried.ts';
import { propagated } from './propagate.ts';

/**
 * Values that one call has, or several that were made in the same context.
 *
 * Invariant: they are restored when the first of them runs, and not before: its module says how.
 */
export class Surroundings {
  readonly #carried: Carried;
  #entered: Entered | undefined;

  /** How many stores went along when they were restored: a module that was loaded since may have made it more. */
  #known = 0;

  constructor(carried: Carried) {
    this.#carried = carried;
  }

  /** What was restored, once something was run. */
  get entered(): Entered | undefined {
    return this.#entered;
  }

  /** Runs `run` with the values, and gives what it gives. */
  run<T>(run: () => T): T {
    if (!this.#entered || this.#known !== propagated.size) {
      this.#entered = restore(this.#carried);
      this.#known = propagated.size;
    }
    return enter(this.#entered, run);
  }
}
