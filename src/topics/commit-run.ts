/** How far the messages of a partition were dealt with, without a gap. @module */

import { AckRun } from '../streams/events/run-of-acks.ts';

/**
 * Positions in the order in which they were delivered, each of which is acknowledged once. Positions that are missing, since
 * the broker has dropped them, make no gap.
 *
 * Invariant: everything before `position` was acknowledged, or was never delivered.
 */
export class CommitRun {
  readonly #acks = new AckRun();

  /** The positions from `AckRun.position` on, from index `#from`. */
  #positions: number[] = [];
  #from = 0;
  #position: number;
  #next = 0;

  constructor(position: number) {
    this.#position = position;
  }

  /** The position to go on from. */
  get position(): number {
    return this.#position;
  }

  /** How many were delivered that the run does not cover. */
  get open(): number {
    return this.#positions.length - this.#from;
  }

  /** A message is delivered for the first time; gives its number. */
  deliver(position: number): number {
    this.#positions.push(position);
    return this.#next++;
  }

  /** One was acknowledged: says whether the position has moved. */
  ack(number: number): boolean {
    const before = this.#acks.position;
    if (!this.#acks.ack(number)) return false;
    this.#from += this.#acks.position - before;
    const last = this.#positions[this.#from - 1] as number;
    this.#position = this.#positions[this.#from] ?? last + 1;
    if (this.#from * 2 > this.#positions.length) {
      this.#positions = this.#positions.slice(this.#from);
      this.#from = 0;
    }
    return true;
  }
}
