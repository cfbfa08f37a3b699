/** The values of events that another stream gives, with the events beside them. @module */

import { isEvent } from '../events/event.ts';
import { jointly } from '../run/delivery.ts';
import type { Delivery } from '../run/delivery.ts';
import { Passing } from '../run/passing.ts';
import type { Pull } from '../run/pull.ts';
import type { Run } from '../run/run.ts';

/** A stream as part of another one, in which its events are events as well. */
export class Unwrapped extends Passing {
  #delivery: Delivery | undefined;
  readonly #run: Run;

  constructor(source: Pull, run: Run) {
    super(source);
    this.#run = run;
  }

  override get delivery(): Delivery | undefined {
    return this.#delivery;
  }

  protected pass(given: unknown): unknown {
    const { delivery } = this.source;
    this.#delivery = delivery;
    if (!isEvent(given)) return given;
    const { deliveries, policy } = this.#run;
    this.#delivery = jointly([delivery, deliveries.take(given, policy.isManual)]);
    return given.value;
  }
}
