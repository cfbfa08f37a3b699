/** The context that a thread received for the calls that follow. @module */

import { AsyncLocalStorage } from 'node:async_hooks';
import { enter, restore } from './carried.ts';
import type { Carried, Entered } from './carried.ts';
import { apart, takeHere } from './here.ts';
import type { RunThere } from './here.ts';
import { propagated } from './propagate.ts';

/**
 * The context of one call, or of several calls that were made in the same context.
 *
 * Invariant: the values are restored and entered when the first of these calls runs, not earlier, because the call's
 * module defines how to restore them. The other calls run in the context entered then, and do not see what each other
 * enters.
 */
export class Surroundings {
  readonly #carried: Carried;
  #entered: Entered | undefined;
  #there: RunThere | undefined;

  /** How many stores were propagated when the values were restored: a module loaded since may have added one. */
  #known = 0;

  constructor(carried: Carried) {
    this.#carried = carried;
  }

  /** The restored values, once a function has run. */
  get entered(): Entered | undefined {
    return this.#entered;
  }

  /**
   * Runs `run` with the values and returns its result. Stores that `run` enters do not stay entered for the next call.
   */
  run<T>(run: () => T): T {
    if (!this.#there || this.#known !== propagated.size) {
      this.#there = apart(() => this.#enter());
      this.#known = propagated.size;
    }
    return this.#there(run);
  }

  #enter(): RunThere {
    const entered = (this.#entered = restore(this.#carried));
    // The `run` of any other kind of store may set its value only for as long as it runs.
    if (entered.stores.every(([store]) => store instanceof AsyncLocalStorage)) return enter(entered, takeHere);
    return (run) => apart(() => enter(entered, run));
  }
}
