/** One wait of a thread for the answer of a callback. @module */

import type { Wait, WaitPlace } from '../wait/wait-until.ts';

/** What the callback did: it returned a value, or threw an error. */
export type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** The lane over which the answer comes. */
interface AnsweringLane {
  readonly control: Int32Array;

  /** Reads the messages that were sent since they were last read. */
  pullNew(): void;
}

/** The call that waits. */
interface WaitingCall {
  /** Throws the reason if the call was given up. */
  throwIfTold(): void;
}

/**
 * The wait, and what receives its answer: one object without closures, as a thread makes one for each blocking call. It
 * has no limits: a wait that has some attempts the same, inside of `block`.
 */
export class AnswerWait implements Wait<Outcome> {
  readonly place: WaitPlace;
  readonly control: Int32Array;

  /** There is no promise that the function could await. */
  readonly reply = undefined;
  readonly #lane: AnsweringLane;
  readonly #call: WaitingCall;
  #outcome: Outcome | undefined;

  /** `place` is the count of the messages of `lane`. */
  constructor(place: WaitPlace, lane: AnsweringLane, call: WaitingCall) {
    this.place = place;
    this.control = lane.control;
    this.#lane = lane;
    this.#call = call;
  }

  attempt(): Outcome | undefined {
    this.#lane.pullNew();
    return this.#outcome;
  }

  pause(): number {
    this.#call.throwIfTold();
    return Infinity;
  }

  resolve(value: unknown): void {
    this.#outcome = { value };
  }

  reject(error: unknown): void {
    this.#outcome = { error };
  }
}
