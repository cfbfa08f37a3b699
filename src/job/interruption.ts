/** Lets the function of a running call see that the call was given up. @module */

import { setImmediate } from '../base/clock.ts';
import { liveSignal } from '../codec/live/signal.ts';
import type { Aborted, LiveSignal } from '../codec/live/signal.ts';
import { LaneWord } from '../wire/control.ts';

/**
 * The interruption of one call.
 *
 * Invariant: listeners of the signal are called when the loop turns, and never once the call is over.
 */
export class Interruption {
  readonly #callId: number;
  readonly #control: Int32Array;
  readonly #pull: () => void;
  #aborted: Aborted | undefined;
  #live: LiveSignal | undefined;

  /** The call that was given up last when this one looked last: calls may overlap, so that several are given up. */
  #seen: number;
  #isOver = false;

  /** `pull` reads the messages that have arrived, of which one has the reason. */
  constructor(callId: number, control: Int32Array, pull: () => void) {
    this.#callId = callId;
    this.#control = control;
    this.#pull = pull;
    this.#seen = Atomics.load(control, LaneWord.aborted);
  }

  /** The call's signal. A call that has asked for it gets the time `grace` to end by itself. */
  get signal(): AbortSignal {
    if (!this.#live) {
      Atomics.store(this.#control, LaneWord.listening, this.#callId);
      this.#live = liveSignal(() => this.#look());
      if (this.#aborted) this.#fireSoon();
    }
    return this.#live.signal;
  }

  /** Called when the call was given up for `reason`. */
  give(reason: unknown): void {
    if (this.#aborted || this.#isOver) return;
    this.#aborted = { reason };
    this.#fireSoon();
  }

  /** Called when the call is over: its signal keeps its state from then on. */
  end(): void {
    this.#isOver = true;
  }

  #look(): Aborted | undefined {
    if (this.#aborted || this.#isOver) return this.#aborted;
    const last = Atomics.load(this.#control, LaneWord.aborted);
    if (last === this.#callId || last !== this.#seen) this.#pull();
    this.#seen = last;
    return this.#aborted;
  }

  #fireSoon(): void {
    setImmediate(() => {
      if (!this.#isOver) this.#live?.fire();
    });
  }
}
