/** Items that can end while one of them is waited for, with stages behind that have items in hand. @module */

import { Driven } from '../../streams/run/driven.ts';
import { over } from '../../streams/run/pull.ts';
import type { Pull } from '../../streams/run/pull.ts';

/** Gives what its source gives, until it is broken off. */
export class Breakable extends Driven {
  #isBroken = false;

  constructor(source: Pull) {
    super([source]);
  }

  /** After what has come it is over, whatever its source does. */
  breakOff(): void {
    this.#isBroken = true;
    this.wake();
  }

  protected ask(): void {
    if (!this.#isBroken) for (const source of this.sources) source.ask();
  }

  protected override look(): unknown {
    return this.#isBroken && !this.hasArrived ? over : super.look();
  }
}
