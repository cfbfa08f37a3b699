/** Tells when a source has ended. @module */

import { Passing } from '../run/passing.ts';
import { over } from '../run/pull.ts';
import type { Pull } from '../run/pull.ts';

/** Gives what its source gives. */
export class OnOver extends Passing {
  readonly #onOver: () => void;

  constructor(source: Pull, onOver: () => void) {
    super(source);
    this.#onOver = onOver;
  }

  protected pass(given: unknown): unknown {
    if (given === over) this.#onOver();
    return given;
  }
}
