/** Decides when the records of calls that wait in an outbox leave. @module */

import { afterMicrotasks, queueMicrotask } from '../../base/intrinsics.ts';
import { Pace } from '../../wire/cost.ts';

/** What gathers the records. */
interface Gathering {
  readonly isEmpty: boolean;
  readonly flush: () => void;
}

/**
 * The departures of one lane.
 *
 * Invariant: the outbox is flushed once for all records that are added to it, in the turn in which they are added.
 */
export class Departures {
  readonly #outbox: Gathering;

  /** Whether the records leave in a microtask, and not only after all of them. */
  #isDue = false;

  constructor(outbox: Gathering) {
    this.#outbox = outbox;
  }

  /**
   * Called before a call of this `pace` is added to the outbox. Calls that take microseconds wait for others that are
   * made in microtasks which are due now: a loop that has so many calls out at once makes each next one in a microtask of
   * its own. A longer call does not wait for them: its caller may block the loop.
   */
  plan(pace: Pace): void {
    const { isEmpty, flush } = this.#outbox;
    this.renew();
    if (pace !== Pace.brief && !this.#isDue) {
      this.#isDue = true;
      queueMicrotask(flush);
    } else if (isEmpty) afterMicrotasks(flush);
  }

  /** Called before a call that leaves at once with all that waits, and is planned for only if it could not leave. */
  renew(): void {
    if (this.#outbox.isEmpty) this.#isDue = false;
  }
}
