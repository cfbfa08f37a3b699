/** Calls that run at a node, and whose callers have not been told of it. @module */

import { after } from '../../base/clock.ts';
import type { NodeCall } from './node-call.ts';

/** A call that takes longer than this, in milliseconds, tells its caller that it runs. */
const soon = 5;

/** Most calls are over before their callers are to be told that they run, so one timer is there for all. */
export class Owed {
  readonly #calls = new Set<NodeCall>();
  #isTelling = false;

  /** The caller of `call` is told soon, unless it is over by then. */
  add(call: NodeCall): void {
    this.#calls.add(call);
    this.#tellSoon();
  }

  /** Nothing is to be told of `call` any more. */
  delete(call: NodeCall): void {
    this.#calls.delete(call);
  }

  /** Tells `caller` of all its calls now. */
  tell(caller: string): void {
    for (const call of this.#calls) if (call.order.caller === caller) this.#tell(call);
  }

  #tellSoon(): void {
    if (this.#isTelling) return;
    this.#isTelling = true;
    const calls = [...this.#calls];
    after(soon, () => {
      this.#isTelling = false;
      for (const call of calls) this.#tell(call);
      if (this.#calls.size > 0) this.#tellSoon();
    });
  }

  #tell(call: NodeCall): void {
    if (this.#calls.delete(call)) call.tell();
  }
}
