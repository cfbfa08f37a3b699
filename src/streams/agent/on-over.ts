/** Tells when a source has ended. @module */

import type { Delivery } from '../run/delivery.ts';
import { over } from '../run/pull.ts';
import type { Pull } from '../run/pull.ts';

/** Gives what its source gives. */
export class OnOver implements Pull {
  readonly #source: Pull;
  readonly #onOver: () => void;

  constructor(source: Pull, onOver: () => void) {
    this.#source = source;
    this.#onOver = onOver;
  }

  get awaited(): Promise<unknown> | undefined {
    return this.#source.awaited;
  }

  get delivery(): Delivery | undefined {
    return this.#source.delivery;
  }

  next(): unknown {
    return this.#look(this.#source.next());
  }

  take(settled: unknown): unknown {
    return this.#look(this.#source.take(settled));
  }

  fail(error: unknown): unknown {
    return this.#look(this.#source.fail(error));
  }

  #look(value: unknown): unknown {
    if (value === over) this.#onOver();
    return value;
  }
}
