/** Asks a pull for items, and tells of each when it is there. @module */

import { over, waits } from './pull.ts';
import type { Pull } from './pull.ts';

/** Receives what a drive brings. The asker may ask for the next item while it receives one. */
export interface Asker {
  item(value: unknown, from: Drive): void;
  over(from: Drive): void;
  failed(error: unknown, from: Drive): void;
}

/**
 * Connects a pull with the stage that wants its items.
 *
 * Invariant: one item is asked for at a time, and each `ask` is answered once, be it at once or later.
 */
export class Drive {
  readonly pull: Pull;
  readonly #asker: Asker;

  /** Whether an item was asked for and has not come. */
  isAsking = false;

  /** Whether there is nothing more to ask for. */
  isOver = false;

  /** Whether {@link ask} is on the stack: what is asked meanwhile is its loop's to do. */
  #isTelling = false;

  constructor(pull: Pull, asker: Asker) {
    this.pull = pull;
    this.#asker = asker;
  }

  /** Asks for the next item. */
  ask(): void {
    if (this.isAsking || this.isOver) return;
    this.isAsking = true;
    if (!this.#isTelling) this.#loop(ask);
  }

  readonly #take = (settled: unknown): void => this.#loop((pull) => pull.take(settled));
  readonly #fail = (error: unknown): void => this.#loop((pull) => pull.fail(error));

  #loop(first: (pull: Pull) => unknown): void {
    let step = first;
    this.#isTelling = true;
    do {
      if (!this.#step(step)) break;
      step = ask;
    } while (this.isAsking);
    this.#isTelling = false;
  }

  /** Says whether an item came at once. */
  #step(step: (pull: Pull) => unknown): boolean {
    let value: unknown;
    try {
      value = step(this.pull);
    } catch (error) {
      this.isOver = true;
      this.isAsking = false;
      this.#asker.failed(error, this);
      return false;
    }
    if (value === waits) {
      void this.pull.awaited?.then(this.#take, this.#fail);
      return false;
    }
    this.isAsking = false;
    if (value === over) {
      this.isOver = true;
      this.#asker.over(this);
      return false;
    }
    this.#asker.item(value, this);
    return true;
  }
}

const ask = (pull: Pull): unknown => pull.next();
