/** The shapes that the arguments or the results of a function have had. @module */

import type { KnownShapes } from './learnt.ts';
import { flatten, shapeOf } from './shape.ts';
import type { Branch } from './shape.ts';

/** How many shapes are learnt. */
const most = 4;

/** How many more values may miss the known shapes than fit them before shapes are given up. */
const patience = 32;

/**
 * Learns shapes from values, to take later values apart.
 *
 * Invariant: values are taken apart only if the parts make equal values again, with nothing lost.
 */
export class Shapes implements KnownShapes {
  readonly #shapes: Branch[] = [];

  /** The index of the shape that fitted last: most functions have only one. */
  #likely = 0;
  #misses = 0;

  get fitted(): Branch {
    return this.#shapes[this.#likely] as Branch;
  }

  takeApart(values: readonly unknown[]): unknown[] | undefined {
    const count = this.#shapes.length;
    if (count === 0 || this.#misses > patience) return undefined;
    for (let i = 0; i < count; i += 1) {
      const at = (this.#likely + i) % count;
      const leaves = flatten(this.#shapes[at] as Branch, values);
      if (!leaves) continue;
      this.#likely = at;
      if (this.#misses > 0) this.#misses -= 1;
      return leaves;
    }
    this.#misses += 1;
    return undefined;
  }

  learn(values: readonly unknown[]): void {
    if (this.#shapes.length >= most || this.#misses > patience) return;
    const shape = shapeOf(values);
    if (shape) this.#shapes.push(shape);
  }
}
