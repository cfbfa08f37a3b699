/** The messages that a consumer has in hand. @module */

/** A message that was delivered and not settled. */
export interface Held {
  /** The subject to answer to. */
  reply: string;
  readonly sequence: number;
}

/**
 * Messages by their deliveries, and by their positions.
 *
 * Invariant: both maps have the same messages.
 */
export class HeldMessages {
  readonly #byDelivery = new Map<number, Held>();
  readonly #bySequence = new Map<number, number>();
  #next = 0;

  get size(): number {
    return this.#byDelivery.size;
  }

  /** A message is delivered: gives the number of its delivery. */
  add(held: Held): number {
    const delivery = this.#next++;
    this.#byDelivery.set(delivery, held);
    this.#bySequence.set(held.sequence, delivery);
    return delivery;
  }

  at(sequence: number): Held | undefined {
    const delivery = this.#bySequence.get(sequence);
    return delivery === undefined ? undefined : this.#byDelivery.get(delivery);
  }

  /** Takes a message out. */
  take(delivery: number): Held | undefined {
    const held = this.#byDelivery.get(delivery);
    if (!held) return undefined;
    this.#byDelivery.delete(delivery);
    this.#bySequence.delete(held.sequence);
    return held;
  }

  all(): IterableIterator<Held> {
    return this.#byDelivery.values();
  }

  /** The first position that is held, or `otherwise` if that is before it. */
  first(otherwise: number): number {
    let first = otherwise;
    for (const { sequence } of this.all()) first = Math.min(first, sequence);
    return first;
  }

  /** Takes all out. */
  clear(): Held[] {
    const all = [...this.all()];
    this.#byDelivery.clear();
    this.#bySequence.clear();
    return all;
  }
}
