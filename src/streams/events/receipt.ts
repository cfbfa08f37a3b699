/** The outcome of an event for its source: told once, when all subscribers that have got it are through. @module */

/** How an event ended: dealt with, or to be delivered again. */
export type Outcome = 'ack' | 'nack';

/** Told how an event ended; may take its time. */
export type Settle = (outcome: Outcome) => unknown;

/**
 * One delivery of a message, and how many subscribers have yet to say how it ended for them.
 *
 * Invariant: `settle` is called once at the most, after the last part was settled.
 */
export class Receipt {
  readonly #settle: Settle | undefined;
  readonly #takesBack: (() => boolean) | undefined;
  readonly #isVoid: (() => boolean) | undefined;
  #open = 0;
  #outcome: Outcome = 'ack';

  constructor(settle: Settle | undefined, takesBack?: () => boolean, isVoid?: () => boolean) {
    this.#settle = settle;
    this.#takesBack = takesBack;
    this.#isVoid = isVoid;
  }

  /** Whether the source has begun elsewhere since: how the message ended means nothing to it. */
  get isVoid(): boolean {
    return this.#isVoid?.() ?? false;
  }

  /** Whether anybody hears how it ended. */
  get isHeard(): boolean {
    return this.#settle !== undefined;
  }

  /** Whether the message is delivered again if it is handed back: not by a source that is over. */
  get comesBack(): boolean {
    return this.isHeard && (this.#takesBack?.() ?? true);
  }

  /** One more subscriber has got the delivery. */
  part(): Part {
    this.#open += 1;
    return new Part(this);
  }

  /** A subscriber is through with the delivery. After the last one, gives what the source gives. */
  note(outcome: Outcome): unknown {
    this.#open -= 1;
    if (outcome === 'nack') this.#outcome = 'nack';
    return this.#open === 0 ? this.#settle?.(this.#outcome) : undefined;
  }
}

/** One subscriber's part in the outcome of a delivery. */
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
