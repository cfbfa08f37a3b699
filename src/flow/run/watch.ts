/** Knows the event of the item that a handler is about to be given. @module */

import { Passing } from '../../streams/run/passing.ts';

/** Gives what its source gives; `delivery` is that of the last item. */
export class Watch extends Passing {
  protected pass(given: unknown): unknown {
    return given;
  }
}
