/** What a thread was sent of the context of the calls that follow. @module */

import { AsyncLocalStorage } from 'node:async_hooks';
import { enter, restore } from './carried.ts';
import type { Carried, Entered } from './carried.ts';
import { apart, takeHere } from './here.ts';
import type { RunThere } from './here.ts';
import { propagated } from './propagate.ts';

/**
 * Values that one call has, or several that were made in the same context.
 *
 * Invariant: they are restored and entered when the first of them runs, and not before: its module says how. The others
 * run in what was entered then, and see nothing of each other.
 */
export class Surroundings {
  readonly #carried: Carried;
  #entered: Entered | undefined;
  #there: RunThere | undefined;

  /** How many stores went along when they were restored: a module that was loaded since may have made it more. */
  #known = 0;

  constructor(carried: Carried) {
    this.#carried = carried;
  }

  /** What was restored, once something was run. */
  get entered(): Entered | undefined {
    return this.#entered;
  }

  /** Runs `run` with the values, and gives what it gives. What it enters is not for those that follow. */
  run<T>(run: () => T): T {
    if (!this.#there || this.#known !== propagated.size) {
      this.#there = apart(() => this.#enter());
      this.#known = propagated.size;
    }
    return this.#there(run);
  }

  #enter(): RunThere {
    const entered = (this.#entered = restore(this.#carried));
    // A store of another kind may have its value for as long as its `run` lasts.
    if (entered.stores.every(([store]) => store instanceof AsyncLocalStorage)) return enter(entered, takeHere);
    return (run) => apart(() => enter(entered, run));
  }
}
