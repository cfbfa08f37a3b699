/** The time by which messages have to be confirmed. @module */

import { after, now } from '../base/clock.ts';
import type { Later } from '../base/clock.ts';

/** A message that waits for the broker. */
export interface Due {
  /** On the clock of `now()`; `Infinity` if it may wait for ever. */
  readonly deadline: number;
}

/**
 * One timer for all messages that wait, which keeps the process alive as long as one does. When none does it stays, for the
 * next ones, whose deadlines come later as a rule.
 *
 * Invariant: while a message waits, the timer fires at its deadline at the latest.
 */
export class Deadlines<T extends Due> {
  readonly #expire: (due: T) => void;

  /** In the order of the calls. */
  readonly #waiting = new Set<T>();
  #timer: Later | undefined;
  #firesAt = Infinity;

  /** @param expire told of each message whose time is over, which does not wait any more */
  constructor(expire: (due: T) => void) {
    this.#expire = expire;
  }

  get size(): number {
    return this.#waiting.size;
  }

  has(due: T): boolean {
    return this.#waiting.has(due);
  }

  [Symbol.iterator](): IterableIterator<T> {
    return this.#waiting.values();
  }

  add(due: T): void {
    this.#waiting.add(due);
    if (due.deadline < this.#firesAt) this.#arm(due.deadline);
    else if (this.#waiting.size === 1) this.#timer?.hold();
  }

  /** It was confirmed, or given up: says whether it has waited. */
  delete(due: T): boolean {
    const hasWaited = this.#waiting.delete(due);
    if (this.#waiting.size === 0) this.#timer?.letGo();
    return hasWaited;
  }

  #arm(deadline: number): void {
    this.#disarm();
    this.#firesAt = deadline;
    this.#timer = after(Math.max(0, deadline - now()), () => this.#look());
    this.#timer.hold();
  }

  #disarm(): void {
    this.#timer?.letGo();
    this.#timer?.cancel();
    this.#timer = undefined;
    this.#firesAt = Infinity;
  }

  #look(): void {
    this.#disarm();
    const time = now();
    let next = Infinity;
    for (const due of this.#waiting) {
      if (due.deadline > time) next = Math.min(next, due.deadline);
      else if (this.#waiting.delete(due)) this.#expire(due);
    }
    if (next < this.#firesAt) this.#arm(next);
  }
}
