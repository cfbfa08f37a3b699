/** One event for several handlers. @module */

import { StreamEvent } from '../../streams/events/event.ts';
import { Receipt } from '../../streams/events/receipt.ts';
import type { Outcome } from '../../streams/events/receipt.ts';
import type { Ending } from './ending.ts';

/**
 * Hears of each handler how the event ended for it.
 *
 * Invariant: the event is settled once, after the last handler: handed back if it was by one, or if none has dealt with it. Where
 * a handler hands it back and the run goes on, that is done at once: when the last handler is through, its source may be over,
 * and take nothing back.
 */
export class Split {
  readonly #event: StreamEvent<unknown>;
  readonly #ending: Ending;
  #left: number;
  #isDealtWith = false;
  #isHandedBack = false;

  constructor(event: StreamEvent<unknown>, handlers: number, ending: Ending) {
    this.#event = event;
    this.#ending = ending;
    this.#left = handlers;
  }

  /** The event for one of the handlers. */
  share(): StreamEvent<unknown> {
    const settle = this.#event.isHeard ? (outcome: Outcome): unknown => this.#note(outcome) : undefined;
    const [comesBack, isVoid] = [(): boolean => this.#event.comesBack, (): boolean => this.#event.isVoid];
    return new StreamEvent(this.#event.value, this.#event, new Receipt(settle, comesBack, isVoid).part());
  }

  /** One of the handlers wants no more items: the others decide. */
  abstain(): unknown {
    return this.#one();
  }

  #note(outcome: Outcome): unknown {
    if (outcome === 'ack') this.#isDealtWith = true;
    else this.#isHandedBack = true;
    const settled = this.#isHandedBack && !this.#ending.failure ? this.#event.settle('nack') : undefined;
    return this.#one() ?? settled;
  }

  #one(): unknown {
    this.#left -= 1;
    if (this.#left > 0) return undefined;
    return this.#event.settle(this.#isDealtWith && !this.#isHandedBack ? 'ack' : 'nack');
  }
}
