/** Calls that wait for a thread that is not there yet. @module */

import type { Call } from '../../call/call.ts';

/** The calls in order; their arguments are copied when they come. */
export class HeldCalls {
  #calls: Call[] = [];

  hold(call: Call): void {
    try {
      call.lent?.keep();
    } catch (error) {
      return call.fail(error);
    }
    this.#calls.push(call);
  }

  /** Gives the calls that were not given up, and holds them no longer. */
  take(): Call[] {
    const calls = this.#calls;
    this.#calls = [];
    return calls.filter(({ settled }) => !settled);
  }
}
