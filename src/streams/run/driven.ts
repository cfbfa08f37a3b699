/** A stage whose sources tell it of their items. @module */

import type { Delivery } from './delivery.ts';
import { Drive } from './drive.ts';
import type { Asker } from './drive.ts';
import { OpenPull } from './open-pull.ts';
import { over } from './pull.ts';
import type { Pull } from './pull.ts';

/** An item that has come and was not taken. */
interface Arrival {
  readonly value: unknown;
  readonly delivery: Delivery | undefined;
}

/**
 * Gives what its sources have brought, in the order in which it came; then their first error; it is over when all of them
 * are.
 *
 * Invariant: nothing is taken in after an error.
 */
export abstract class Driven extends OpenPull implements Asker {
  protected readonly sources: readonly Drive[];
  readonly #arrived: Arrival[] = [];
  #failure: { readonly error: unknown } | undefined;

  constructor(pulls: readonly Pull[]) {
    super();
    this.sources = pulls.map((pull) => new Drive(pull, this));
  }

  /** Asks for what is to come, where nothing has come yet. */
  protected abstract ask(): void;

  /** Whether there is something to give: an item, or an error. */
  protected get hasArrived(): boolean {
    return this.#arrived.length > 0 || this.#failure !== undefined;
  }

  next(): unknown {
    if (!this.hasArrived) this.ask();
    return this.look();
  }

  item(value: unknown, { pull }: Drive): void {
    if (this.#failure) return;
    this.#arrived.push({ value, delivery: pull.delivery });
    this.wake();
  }

  over(): void {
    this.wake();
  }

  failed(error: unknown): void {
    this.#failure ??= { error };
    this.wake();
  }

  protected look(): unknown {
    const arrival = this.#arrived.shift();
    if (arrival) {
      this.delivery = arrival.delivery;
      return arrival.value;
    }
    if (this.#failure) throw this.#failure.error;
    return this.sources.every(({ isOver }) => isOver) ? over : this.wait();
  }
}
