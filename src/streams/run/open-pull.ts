/** A stage that is told of items by others, and wakes who waits for one. @module */

import { Promise } from '../../base/intrinsics.ts';
import type { Delivery } from './delivery.ts';
import { waits } from './pull.ts';
import type { Pull } from './pull.ts';

/**
 * Looks for what it can give whenever it is woken.
 *
 * Invariant: `awaited` settles with the next `wake`.
 */
export abstract class OpenPull implements Pull {
  awaited: Promise<unknown> | undefined;
  delivery: Delivery | undefined;
  #wake: (() => void) | undefined;

  abstract next(): unknown;

  /** Gives what is there, throws an error that is due, or waits. */
  protected abstract look(): unknown;

  take(): unknown {
    return this.look();
  }

  fail(error: unknown): never {
    throw error;
  }

  /** Says that the consumer has to wait. */
  protected wait(): typeof waits {
    this.awaited = new Promise<void>(this.#keep);
    return waits;
  }

  /** There may be something to give now: a consumer that waits looks again. */
  protected wake(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  readonly #keep = (resolve: () => void): void => {
    this.#wake = resolve;
  };
}
