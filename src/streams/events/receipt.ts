/** What the source of an event hears of it: once, when all who have got it are through with it. @module */

/** How an event ended: dealt with, or to be delivered again. */
export type Outcome = 'ack' | 'nack';

/** Told how an event ended; may take its time. */
export type Settle = (outcome: Outcome) => unknown;

/**
 * One delivery of a message, and how many have yet to say how it ended for them.
 *
 * Invariant: `settle` is called once at the most, after the last part was settled.
 */
export class Receipt {
  readonly #settle: Settle | undefined;
  #open = 0;
  #outcome: Outcome = 'ack';

  constructor(settle: Settle | undefined) {
    this.#settle = settle;
  }

  /** Whether anybody hears how it ended. */
  get isHeard(): boolean {
    return this.#settle !== undefined;
  }

  /** One more has got it. */
  part(): Part {
    this.#open += 1;
    return new Part(this);
  }

  /** One is through with it; gives what the source gives, if it was the last. */
  note(outcome: Outcome): unknown {
    this.#open -= 1;
    if (outcome === 'nack') this.#outcome = 'nack';
    return this.#open === 0 ? this.#settle?.(this.#outcome) : undefined;
  }
}

/** What one of those who have got a delivery owes. */
export class Part {
  readonly receipt: Receipt;
  isSettled = false;

  constructor(receipt: Receipt) {
    this.receipt = receipt;
  }

  /** How it ended for this one: the first time counts. */
  settle(outcome: Outcome): unknown {
    if (this.isSettled) return undefined;
    this.isSettled = true;
    return this.receipt.note(outcome);
  }
}
