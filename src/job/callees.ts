/** The functions that a thread has found for its calls. @module */

import type { Target } from '../address/find/find.ts';
import { nothingLearnt } from '../codec/quick/learnt.ts';
import type { Callee } from './job.ts';

/** Tells which function another one is a part of. */
interface Wholes {
  wholeOf(id: number): number;
}

/** Functions by the ids under which the main side calls them. */
export class Callees {
  /** Those that were called before. Only this class writes it. */
  readonly found: Map<number, Callee> = new Map();
  readonly #wholes: Wholes;

  constructor(wholes: Wholes) {
    this.#wholes = wholes;
  }

  /** The function `id`, if it, or the one that it is a part of, was found. */
  of(id: number): Callee | undefined {
    const known = this.found.get(id);
    if (known) return known;
    const whole = this.found.get(this.#wholes.wholeOf(id));
    return whole && this.#set(id, whole.target);
  }

  /** Notes that `target` is the function `id`. */
  add(id: number, target: Target): Callee {
    const callee = this.#set(id, target);
    const whole = this.#wholes.wholeOf(id);
    if (whole !== id) this.#set(whole, target);
    return callee;
  }

  #set(id: number, target: Target): Callee {
    const callee = { target, learnt: nothingLearnt() };
    this.found.set(id, callee);
    return callee;
  }
}
