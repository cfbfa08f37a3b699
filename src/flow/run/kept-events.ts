/** The items of a source for several handlers: events as events, so that each may settle its part. @module */

import { eventOf } from '../../streams/run/delivery.ts';
import { Passing } from '../../streams/run/passing.ts';
import { over, waits } from '../../streams/run/pull.ts';

/** Gives whole events, and values that come with none as they are. */
export class KeptEvents extends Passing {
  protected pass(given: unknown): unknown {
    const { delivery } = this.source;
    if (given === over || given === waits || !delivery || delivery.events.length === 0) return given;
    return eventOf(delivery, given);
  }
}
