/** Several sources as one: items as they come. @module */

import type { Delivery } from '../run/delivery.ts';
import { Drive } from '../run/drive.ts';
import type { Asker } from '../run/drive.ts';
import { OpenPull } from '../run/open-pull.ts';
import { over } from '../run/pull.ts';
import type { Pull } from '../run/pull.ts';

/** An item that has come and was not taken. */
interface Arrival {
  readonly value: unknown;
  readonly delivery: Delivery | undefined;
}

/**
 * Asks all sources at once, and gives what comes first; sources that have an item ready take turns. It is over when all are;
 * the first error is the error of all.
 *
 * Invariant: of each source, one item at the most has come that was not taken.
 */
export class Merge extends OpenPull implements Asker {
  readonly #sources: readonly Drive[];

  /** The index of the source that is asked next. */
  #turn = 0;
  readonly #arrived: Arrival[] = [];
  #failure: { readonly error: unknown } | undefined;

  constructor(pulls: readonly Pull[]) {
    super();
    this.#sources = pulls.map((pull) => new Drive(pull, this));
  }

  next(): unknown {
    return this.look();
  }

  item(value: unknown, from: Drive): void {
    this.#arrived.push({ value, delivery: from.pull.delivery });
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
    // Items that came before an error come before it.
    if (this.#arrived.length === 0) this.#askAll();
    const arrival = this.#arrived.shift();
    if (arrival) {
      this.delivery = arrival.delivery;
      return arrival.value;
    }
    if (this.#failure) throw this.#failure.error;
    if (this.#sources.every(({ isOver }) => isOver)) return over;
    return this.wait();
  }

  /** Asks those that were not asked, until one has an item ready. */
  #askAll(): void {
    const { length } = this.#sources;
    for (let i = 0; i < length && this.#arrived.length === 0 && !this.#failure; i += 1) {
      const source = this.#sources[this.#turn];
      this.#turn = (this.#turn + 1) % length;
      source?.ask();
    }
  }
}
