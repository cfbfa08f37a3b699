/** Asks a generator for one item at a time, so that each `next(value)` and `throw()` reaches the very `yield`. @module */

import type { ItemLink } from '../call-stream.ts';

/** What a generator in lock-step is asked for. */
export class LockStep {
  readonly #link: ItemLink<unknown>;

  /** How many items were asked for. */
  #asked = 0;

  constructor(link: ItemLink<unknown>) {
    this.#link = link;
  }

  /** Resumes the generator with `value`. Gives the error if the value cannot cross. */
  ask(value: unknown): { readonly error: unknown } | undefined {
    if (value === undefined) {
      this.#link.ask(this.#next());
      return undefined;
    }
    try {
      this.#link.resume(this.#asked, value);
    } catch (error) {
      return { error };
    }
    this.#next();
    return undefined;
  }

  /** Resumes the generator by throwing `error` at its `yield`. */
  raise(error: unknown): void {
    this.#link.raise(this.#next(), error);
  }

  /** Counts one more item as asked for, and gives its number. */
  #next(): number {
    const asked = this.#asked;
    this.#asked = (asked + 1) | 0;
    return asked;
  }
}
