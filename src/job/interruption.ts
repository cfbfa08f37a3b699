/** Whether the running call was given up, as its function sees it. @module */

import { setImmediate } from '../base/clock.ts';
import { liveSignal } from '../codec/live-signal.ts';
import type { Aborted, LiveSignal } from '../codec/live-signal.ts';
import { LaneWord } from '../wire/control.ts';

/**
 * The end that one call is asked for.
 *
 * Invariant: listeners of the signal are called when the loop turns, and never once the call is over.
 */
export class Interruption {
  readonly #callId: number;
  readonly #control: Int32Array;
  readonly #pull: () => void;
  #aborted: Aborted | undefined;
  #live: LiveSignal | undefined;
  #isOver = false;

  /** `pull` reads the messages that have arrived, among which is the reason. */
  constructor(callId: number, control: Int32Array, pull: () => void) {
    this.#callId = callId;
    this.#control = control;
    this.#pull = pull;
  }

  /** The call's signal. Who has asked for it is given time to end by itself. */
  get signal(): AbortSignal {
    if (!this.#live) {
      Atomics.store(this.#control, LaneWord.listening, this.#callId);
      this.#live = liveSignal(() => this.#look());
      if (this.#aborted) this.#fireSoon();
    }
    return this.#live.signal;
  }

  /** The call was given up with `reason`. */
  give(reason: unknown): void {
    if (this.#aborted || this.#isOver) return;
    this.#aborted = { reason };
    this.#fireSoon();
  }

  /** The call is over; its signal keeps the state it has. */
  end(): void {
    this.#isOver = true;
  }

  #look(): Aborted | undefined {
    const isNew = !this.#aborted && !this.#isOver && Atomics.load(this.#control, LaneWord.aborted) === this.#callId;
    if (isNew) this.#pull();
    return this.#aborted;
  }

  #fireSoon(): void {
    setImmediate(() => {
      if (!this.#isOver) this.#live?.fire();
    });
  }
}
