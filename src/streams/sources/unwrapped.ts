/** The values of events that another stream gives, with the events beside them. @module */

import { jointly } from '../run/delivery.ts';
import type { Delivery } from '../run/delivery.ts';
import { isEvent } from '../events/event.ts';
import type { Pull } from '../run/pull.ts';
import type { Run } from '../run/run.ts';

/** What a stream gives as part of another one: its events are events there. */
export class Unwrapped implements Pull {
  delivery: Delivery | undefined;
  readonly #source: Pull;
  readonly #run: Run;

  constructor(source: Pull, run: Run) {
    this.#source = source;
    this.#run = run;
  }

  get awaited(): Promise<unknown> | undefined {
    return this.#source.awaited;
  }

  next(): unknown {
    return this.#unwrap(this.#source.next());
  }

  take(settled: unknown): unknown {
    return this.#unwrap(this.#source.take(settled));
  }

  fail(error: unknown): unknown {
    return this.#unwrap(this.#source.fail(error));
  }

  #unwrap(value: unknown): unknown {
    const { delivery } = this.#source;
    this.delivery = delivery;
    if (!isEvent(value)) return value;
    const { deliveries, policy } = this.#run;
    this.delivery = jointly([delivery, deliveries.take(value, policy.isManual)]);
    return value.value;
  }
}
