/** One event for several handlers. @module */

import { StreamEvent } from '../../streams/events/event.ts';
import { Receipt } from '../../streams/events/receipt.ts';
import type { Outcome } from '../../streams/events/receipt.ts';

/**
 * Hears of each handler how the event ended for it.
 *
 * Invariant: the event is settled once, after the last handler: handed back if it was by one, or if none has dealt with it.
 */
export class Split {
  readonly #event: StreamEvent<unknown>;
  #left: number;
  #isDealtWith = false;
  #isHandedBack = false;

  constructor(event: StreamEvent<unknown>, handlers: number) {
    this.#event = event;
    this.#left = handlers;
  }

  /** The event for one of the handlers. */
  share(): StreamEvent<unknown> {
    const settle = this.#event.isHeard ? (outcome: Outcome): unknown => this.#note(outcome) : undefined;
    return new StreamEvent(this.#event.value, this.#event, new Receipt(settle).part());
  }

  /** One of the handlers wants no more items: the others decide. */
  abstain(): unknown {
    return this.#one();
  }

  #note(outcome: Outcome): unknown {
    if (outcome === 'ack') this.#isDealtWith = true;
    else this.#isHandedBack = true;
    return this.#one();
  }

  #one(): unknown {
    this.#left -= 1;
    if (this.#left > 0) return undefined;
    return this.#event.settle(this.#isDealtWith && !this.#isHandedBack ? 'ack' : 'nack');
  }
}
